import type { Container, ResourceHealth, ResourceStatus } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { type Claim, claimNameFor, isReservedFor } from '../../api/resource-claim.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Client } from '../../client/client.ts'
import { rpcErrorText } from '../../client/rpc.ts'
import type { Disk } from '../../ports/disk.ts'
import { keyLock } from '../../runtime/key-lock.ts'
import type { KubeletPod } from '../pod-containers.ts'
import {
  type ClaimRecord,
  isForRequest,
  type PreparedDevice,
  readClaimRecords,
  writeClaimRecords,
} from './claim-records.ts'
import type { DraDrivers } from './dra-drivers.ts'

export type ClaimManagerDeps = Readonly<{ client: Client; disk: Disk; drivers: DraDrivers; checkpointPath: string }>

/** The devices of pods' resource claims, prepared by their drivers. As the original's pkg/kubelet/cm/dra. */
export interface ClaimManager {
  /** Before the pod's containers are made. The error is worded as the original's. */
  prepare(pod: KubeletPod): Promise<Result<void, string>>
  /** What no other pod of the node uses is given back. */
  unprepare(podUid: string): Promise<Result<void, string>>
  /** How the devices are that a container has by its claims. */
  health(pod: KubeletPod, container: string): readonly ResourceStatus[]
  /** Pods that have devices of the driver. */
  podsWith(driver: string): readonly string[]
  /** By claim. */
  devicesOf(
    pod: KubeletPod,
    container: Container,
  ): readonly Readonly<{ claim: ClaimRecord; devices: readonly PreparedDevice[] }>[]
}

const callTimeoutMs = 45_000

export async function startClaimManager(deps: ClaimManagerDeps): Promise<ClaimManager> {
  const { disk, client, drivers, checkpointPath } = deps
  const records = new Map((await readClaimRecords(disk, checkpointPath)).map((record) => [record.uid, record]))
  const locked = keyLock()
  const keep = async (record: ClaimRecord): Promise<void> => {
    if (record.pods.length === 0) records.delete(record.uid)
    else records.set(record.uid, record)
    await writeClaimRecords(disk, checkpointPath, [...records.values()])
  }
  const prepareOne = async (pod: KubeletPod, name: string): Promise<Result<void, string>> => {
    const claim = await client.get(kinds.resourceClaims, name, pod.metadata.namespace ?? '')
    if (!claim.ok) return fail(`fetch ResourceClaim ${name}: ${claim.error.message ?? 'refused'}`)
    const fault = claimFault(pod, claim.value)
    if (fault !== undefined) return fail(fault)
    const known = records.get(claim.value.metadata.uid) ?? recordOf(claim.value)
    const users = [...new Set([...known.pods, pod.metadata.uid])]
    // Before drivers are asked: what they may have begun must be undone.
    if (users.length > known.pods.length) await keep({ ...known, pods: users })
    if (known.isPrepared) return ok(undefined)
    const devices: PreparedDevice[] = []
    for (const driver of known.drivers) {
      const prepared = await prepareBy(deps, driver, known)
      if (!prepared.ok) return prepared
      devices.push(...prepared.value)
    }
    await keep({ ...known, pods: users, devices, isPrepared: true })
    return ok(undefined)
  }
  const recordNamed = ({ metadata }: KubeletPod, name: string | undefined): ClaimRecord | undefined =>
    [...records.values()].find((record) => record.name === name && record.namespace === metadata.namespace)
  return {
    async prepare(pod) {
      for (const name of claimNames(pod)) {
        const prepared = await locked('claims', () => prepareOne(pod, name))
        if (!prepared.ok) return prepared
      }
      return ok(undefined)
    },
    unprepare: (podUid) =>
      locked('claims', async () => {
        for (const record of [...records.values()].filter(({ pods }) => pods.includes(podUid))) {
          const others = record.pods.filter((uid) => uid !== podUid)
          const given = others.length > 0 ? ok(undefined) : await unprepareAll(deps, record)
          if (!given.ok) return given
          await keep({ ...record, pods: others })
        }
        return ok(undefined)
      }),
    health: (pod, container) =>
      claimsOf(pod, container).flatMap(({ name, claimName, request }) => {
        const record = recordNamed(pod, claimName)
        return record === undefined ? [] : [{ name, resources: healthOf(drivers, record, request) }]
      }),
    podsWith: (driver) =>
      [...records.values()].filter((one) => one.drivers.includes(driver)).flatMap((one) => one.pods),
    devicesOf: (pod, container) =>
      [...wantedOf(pod, container)].flatMap(([name, requests]) => {
        const claim = recordNamed(pod, name)
        if (claim === undefined) return []
        return [
          { claim, devices: claim.devices.filter((one) => requests.some((request) => isForRequest(one, request))) },
        ]
      }),
  }
}

/** What a container names of the pod's claims, and how its status calls that. */
function claimsOf(pod: KubeletPod, containerName: string) {
  const container = pod.spec.containers.find(({ name }) => name === containerName)
  return (container?.resources?.claims ?? []).map(({ name, request = '' }) => {
    const entry = pod.spec.resourceClaims?.find((one) => one.name === name)
    const claimName = entry && claimNameFor(pod, entry)
    return { name: `claim:${name}${request === '' ? '' : `/${request}`}`, claimName, request }
  })
}

function healthOf({ health }: DraDrivers, { devices }: ClaimRecord, request: string): readonly ResourceHealth[] {
  const meant = devices.filter((one) => isForRequest(one, baseOf(request)))
  const told = new Map(meant.map((one) => [resourceIdOf(one), health.of(one)]))
  return [...told].map(([resourceID, one]) => ({ resourceID, ...one }))
}

/** Of one of several that were to choose from: 'gpu' of 'gpu/large'. */
function baseOf(request: string): string {
  return request.split('/')[0] ?? ''
}

/** How the status of a container calls a device. */
function resourceIdOf({ driver, pool, device, cdiDevices }: PreparedDevice): string {
  return cdiDevices[0] ?? `${driver}/${pool}/${device}`
}

function claimNames(pod: KubeletPod): readonly string[] {
  const named = (pod.spec.resourceClaims ?? []).flatMap((entry) => claimNameFor(pod, entry) ?? [])
  return [...named, ...extendedClaimNames(pod)]
}

/** The claim that the scheduler has made for the pod's extended resources. */
function extendedClaimNames({ status }: KubeletPod): readonly string[] {
  const name = status.extendedResourceClaimStatus?.resourceClaimName ?? ''
  return name === '' ? [] : [name]
}

/** Which requests of which claims the container means, by the claims' names; '' is all of a claim. */
function wantedOf(pod: KubeletPod, { name: own, resources }: Container): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map<string, readonly string[]>()
  const want = (name: string | undefined, requests: readonly string[]): void => {
    if (name !== undefined && requests.length > 0) wanted.set(name, [...(wanted.get(name) ?? []), ...requests])
  }
  for (const entry of pod.spec.resourceClaims ?? []) {
    const meant = (resources?.claims ?? []).filter(({ name }) => name === entry.name)
    want(
      claimNameFor(pod, entry),
      meant.map(({ request = '' }) => request),
    )
  }
  for (const name of extendedClaimNames(pod)) {
    const { requestMappings = [] } = pod.status.extendedResourceClaimStatus ?? {}
    const mapped = requestMappings.filter(
      ({ containerName, resourceName }) => containerName === own && resources?.requests?.[resourceName] !== undefined,
    )
    want(
      name,
      mapped.map(({ requestName }) => requestName),
    )
  }
  return wanted
}

function claimFault({ metadata }: KubeletPod, claim: Claim): string | undefined {
  const { name, uid } = claim.metadata
  if (claim.status?.allocation === undefined) return `ResourceClaim ${name}: claim not allocated`
  if (isReservedFor(claim, metadata.uid)) return undefined
  return `pod ${metadata.name} (${metadata.uid}) is not allowed to use ResourceClaim ${name} (${uid})`
}

function recordOf({ metadata: { namespace = '', name, uid }, status }: Claim): ClaimRecord {
  const drivers = new Set((status?.allocation?.devices?.results ?? []).map(({ driver }) => driver))
  return { namespace, name, uid, drivers: [...drivers], pods: [], devices: [], isPrepared: false }
}

async function prepareBy(
  { drivers }: ClaimManagerDeps,
  name: string,
  { namespace, name: claimName, uid }: ClaimRecord,
): Promise<Result<readonly PreparedDevice[], string>> {
  const driver = drivers.driver(name)
  if (!driver.ok) return fail(`gRPC DRAPlugin client for ResourceClaim ${claimName}: ${driver.error}`)
  const claims = [{ namespace, name: claimName, uid }]
  const answer = await driver.value.NodePrepareResources({ claims }, { timeoutMs: callTimeoutMs })
  if (!answer.ok) return fail(`NodePrepareResources: ${rpcErrorText(answer.error)}`)
  const prepared = answer.value.claims[uid]
  if (prepared === undefined) return fail('NodePrepareResources skipped 1 ResourceClaims')
  if (prepared.error !== '')
    return fail(`NodePrepareResources failed for ResourceClaim ${claimName}: ${prepared.error}`)
  return ok(
    prepared.devices.map(({ requestNames, poolName, deviceName, cdiDeviceIds, shareId }) => ({
      driver: name,
      pool: poolName,
      device: deviceName,
      requests: requestNames,
      cdiDevices: cdiDeviceIds,
      ...(shareId === undefined ? {} : { shareId }),
    })),
  )
}

async function unprepareAll(
  { drivers }: ClaimManagerDeps,
  { namespace, name, uid, drivers: names }: ClaimRecord,
): Promise<Result<void, string>> {
  for (const driverName of names) {
    const driver = drivers.driver(driverName)
    if (!driver.ok) return fail(`gRPC DRAPlugin client for ResourceClaim ${name}: ${driver.error}`)
    const claims = [{ namespace, name, uid }]
    const answer = await driver.value.NodeUnprepareResources({ claims }, { timeoutMs: callTimeoutMs })
    if (!answer.ok) return fail(`NodeUnprepareResources: ${rpcErrorText(answer.error)}`)
    const { error = '' } = answer.value.claims[uid] ?? { error: 'the claim was skipped' }
    if (error !== '') return fail(`NodeUnprepareResources failed for ResourceClaim ${name}: ${error}`)
  }
  return ok(undefined)
}
