import { assert } from '../api/assert.ts'
import { kinds } from '../api/kinds.ts'
import { schema } from '../api/schema-reader.ts'
import { parseCertificates } from '../api/x509/certificate.ts'
import { makeApiServer } from '../apiserver/api-server.ts'
import { accountGroups } from '../apiserver/authenticate/account-name.ts'
import { signDetached } from '../apiserver/authenticate/detached-jws.ts'
import type { SecurityFiles } from '../apiserver/configuration/security.ts'
import type { ApiServerConfig } from '../apiserver/server.ts'
import type { Client } from '../client/client.ts'
import { makeClient } from '../client/http-client.ts'
import { type Informers, makeInformers } from '../client/informers.ts'
import { metricRegistry } from '../client/metric-registry.ts'
import { clientMetrics } from '../client/request-metrics.ts'
import { workQueueMetrics } from '../client/work-queue-metrics.ts'
import type { Signer } from '../controllers/certificates/signing-controller.ts'
import { startControllers } from '../controllers/start-controllers.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { KeyPair, Keys } from '../ports/keys.ts'
import { startScheduler } from '../scheduler/scheduler.ts'
import { openStore, type Store } from '../store/store.ts'
import { ensureDnsAccess, ensureDnsService } from './dns-service.ts'
import type { Host } from './host.ts'
import { ensureLocalStorage } from './local-storage.ts'
import { frontProxyAuthority, frontProxyName, type Pki } from './pki.ts'
import { securityOf, serviceAccountIssuer } from './security.ts'

export type ControlPlaneConfig = Readonly<{
  storeDirectory: string
  pki: Pki
  serviceCidr: string
  nodePorts: Readonly<{ first: number; last: number }>
  /** Where pods reach the API server: what the Service `kubernetes` leads to. */
  advertise: Readonly<{ address: string; port: number }>
  /** Cluster DNS; absent where no pod could ask it. */
  dns?: Readonly<{ serviceIp: string; listenAddress: string }>
  security?: SecurityFiles
}>

export type ControlPlane = Readonly<{
  handler: HttpHandler
  store: Store
  /** The controllers' own view: shared, so that each kind is kept once. */
  informers: Informers
  stop(): Promise<void>
}>

export type ControlPlaneParts = Readonly<{
  host: Host
  config: ControlPlaneConfig
  /** The kubelet of a node, once it runs. */
  nodeHandler: (nodeName: string) => HttpHandler | undefined
  onFatal: (error: Error) => void
}>

/** Store, API server, controllers and scheduler. The components reach the API the way every client does: as exchanges, by name and group. */
export async function startControlPlane({
  host,
  config,
  nodeHandler,
  onFatal,
}: ControlPlaneParts): Promise<ControlPlane> {
  const { clock, random, log } = host
  const security = await securityOf(host, config.security ?? {})
  const store = await openStore({
    ...host,
    directory: config.storeDirectory,
    onFatal,
    ...(security.atRest && { atRest: security.atRest }),
  })
  let isRunning = false
  const health = (): string | undefined => (isRunning ? undefined : 'it does not run')
  const metrics = metricRegistry()
  const components = { controllerManager: health, scheduler: health }
  const api = makeApiServer({
    ...host,
    store,
    schema,
    nodeHandler,
    components,
    metrics,
    config: apiServerConfig(config),
    security,
  })
  await api.start()
  const requests = clientMetrics(metrics, `${config.advertise.address}:${config.advertise.port}`)
  const clientOf = (commonName: string, organizations: readonly string[] = []): Client =>
    makeClient({
      handler: api.handler,
      identity: { commonName, organizations },
      userAgent: commonName.replace('system:', ''),
      clock,
      metrics: requests,
    })
  const admin = clientOf('system:coracle', ['system:masters'])
  await ensureDnsAccess(admin)
  if (config.dns !== undefined) await ensureDnsService(admin, config.dns.serviceIp, config.dns.listenAddress)
  await ensureLocalStorage(admin)
  const managerClient = clientOf('system:kube-controller-manager')
  const informers = makeInformers({ client: managerClient, clock, random, log })
  const controllers = startControllers({
    apiServerClient: clientOf('system:apiserver', ['system:masters']),
    clientOf: (account) => clientOf(`system:serviceaccount:kube-system:${account}`, accountGroups('kube-system')),
    managerClient,
    informers,
    clock,
    random,
    log,
    queues: workQueueMetrics(metrics),
    config: {
      rootCaPem: config.pki.ca.certificatePem,
      signer: signerOf(host.keys, config.pki.ca),
      signServiceAccountToken: (subject) => api.signServiceAccountToken(subject),
      signDetached: (content, keyId, secret) => signDetached(host.keys, content, keyId, secret),
    },
  })
  const watched = {
    pods: informers.of(kinds.pods),
    nodes: informers.of(kinds.nodes),
    services: informers.of(kinds.services),
    replicaSets: informers.of(kinds.replicaSets),
    namespaces: informers.of(kinds.namespaces),
    claims: informers.of(kinds.persistentVolumeClaims),
    volumes: informers.of(kinds.persistentVolumes),
    storageClasses: informers.of(kinds.storageClasses),
    csiDrivers: informers.of(kinds.csiDrivers),
    csiNodes: informers.of(kinds.csiNodes),
    capacities: informers.of(kinds.csiStorageCapacities),
    attachments: informers.of(kinds.volumeAttachments),
    resourceClaims: informers.of(kinds.resourceClaims),
    deviceClasses: informers.of(kinds.deviceClasses),
    slices: informers.of(kinds.resourceSlices),
  }
  const scheduler = startScheduler({
    client: clientOf('system:kube-scheduler'),
    informers: watched,
    clock,
    random,
    log,
    metrics,
  })
  isRunning = true
  return {
    handler: api.handler,
    store,
    informers,
    async stop() {
      isRunning = false
      scheduler.stop()
      controllers.stop()
      informers.stop()
      await store.close()
      await security.close()
    },
  }
}

function signerOf(keys: Keys, ca: KeyPair): Signer {
  const parsed = parseCertificates(ca.certificatePem)
  const [certificate] = parsed.ok ? parsed.value : []
  assert(certificate !== undefined, "the cluster's authority has a certificate")
  return { sign: (template) => keys.signCertificate(template, ca), notAfterMs: certificate.notAfterMs }
}

function apiServerConfig({ pki, serviceCidr, nodePorts, advertise }: ControlPlaneConfig): ApiServerConfig {
  return {
    serviceAccountIssuer,
    serviceAccountKey: pki.serviceAccount,
    clientCaPem: pki.ca.certificatePem,
    frontProxy: {
      ...pki.frontProxy.client,
      caPem: pki.frontProxy.ca.certificatePem,
      commonName: frontProxyName,
      issuer: frontProxyAuthority,
    },
    serviceCidr,
    nodePorts,
    advertiseAddress: advertise.address,
    advertisePort: advertise.port,
    clusterName: 'coracle',
  }
}
