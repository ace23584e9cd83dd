import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { schema } from '../../src/api/schema-reader.ts'
import { makeApiServer } from '../../src/apiserver/api-server.ts'
import { makeClient } from '../../src/client/http-client.ts'
import { makeInformers } from '../../src/client/informers.ts'
import { definitionController } from '../../src/controllers/custom-resource-definition/definition-controller.ts'
import { runController } from '../../src/controllers/run-controller.ts'
import { linuxClock } from '../../src/host/linux/clock.ts'
import { linuxDisk } from '../../src/host/linux/disk.ts'
import { linuxHttp } from '../../src/host/linux/http.ts'
import { linuxKeys } from '../../src/host/linux/keys.ts'
import { linuxRandom } from '../../src/host/linux/random.ts'
import type { Log } from '../../src/ports/log.ts'
import { openStore } from '../../src/store/store.ts'
import type { Endpoint } from './exchange.ts'

export type RunningCoracle = Readonly<{ endpoint: Endpoint; stop(): Promise<void> }>

/** Coracle's API server alone, without the controllers that are not part of the original's: over TLS, on a store in a temporary folder. `admin`: who asks. */
export async function startCoracle(admin: string): Promise<RunningCoracle> {
  const directory = await mkdtemp(path.join(tmpdir(), 'coracle-differential-'))
  const [clock, disk, random, keys, log] = [linuxClock(), linuxDisk(), linuxRandom(), linuxKeys(), onlyErrors]
  const store = await openStore({ disk, clock, log, directory, onFatal: fatal })
  const api = makeApiServer({
    ...{ store, clock, random, keys, log, schema },
    nodeHandler: () => undefined,
    config: {
      serviceAccountIssuer: 'https://kubernetes.default.svc.cluster.local',
      serviceAccountKey: await keys.makeSigningKey(),
      serviceCidr: '10.96.0.0/16',
      nodePorts: { first: 30000, last: 32767 },
      advertiseAddress: '192.0.2.2',
      advertisePort: 6443,
      clusterName: 'differential',
    },
  })
  await api.start()
  const client = makeClient({
    handler: api.handler,
    identity: { commonName: 'system:apiserver', organizations: ['system:masters'] },
    userAgent: 'kube-apiserver',
    clock,
  })
  const informers = makeInformers({ client, clock, random, log })
  // What makes kinds of definitions is a part of the original's API server.
  const definitions = runController(
    { client, informers, clock, random, log },
    definitionController({ client, informers, clock, random, log }),
  )
  const { tls, client: adminOf } = await certificates(keys, admin)
  const listening = await linuxHttp().listen({ type: 'tcp', address: '127.0.0.1', port: 0, tls }, api.handler)
  if (!listening.ok) throw new Error(listening.error.message)
  const listener = listening.value
  return {
    endpoint: { url: `https://127.0.0.1:${listener.port}`, ...adminOf },
    async stop() {
      await listener.close(0)
      definitions.stop()
      informers.stop()
      api.stop()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function certificates(keys: ReturnType<typeof linuxKeys>, adminName: string) {
  const plain = { organizations: [], dnsNames: [], ipAddresses: [], validDays: 1 }
  const ca = await keys.issueCertificate({ ...plain, commonName: 'ca', usage: 'ca' })
  const server = await keys.issueCertificate(
    { ...plain, commonName: 'kube-apiserver', ipAddresses: ['127.0.0.1'], usage: 'server' },
    ca,
  )
  const admin = await keys.issueCertificate(
    { ...plain, commonName: adminName, organizations: ['system:masters'], usage: 'client' },
    ca,
  )
  return {
    tls: { certificatePem: server.certificatePem, keyPem: server.keyPem, clientCaPem: ca.certificatePem },
    client: { caPem: ca.certificatePem, certificatePem: admin.certificatePem, keyPem: admin.keyPem },
  }
}

function fatal(error: Error): void {
  throw error
}

const onlyErrors: Log = {
  info() {},
  warn() {},
  error: (message, fields) => console.error(message, fields),
}
