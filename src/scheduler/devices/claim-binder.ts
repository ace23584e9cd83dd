import type {
  AllocationResult,
  DeviceClass,
  Pod,
  ResourceSlice,
  ResourceV1ResourceClaim,
  Status,
} from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { allocationFinalizer, type Claim, isClaimOf, isReservedFor, reservedFor } from '../../api/resource-claim.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/informer.ts'
import type { Clock } from '../../ports/clock.ts'
import { needsBinding } from './binding-conditions.ts'
import type { DeviceChoice } from './choose-devices.ts'
import { makeDeviceReservations } from './device-reservations.ts'
import { deviceMatcher } from './device-selector.ts'
import type { DeviceView } from './device-view.ts'
import { makeDeviceWaiter } from './device-waiter.ts'
import { createClaim, isExtended, removeClaim, tellPod } from './extended-claim.ts'
import { classForResource } from './extended-resources.ts'

export type DeviceInformers = Readonly<{
  resourceClaims: Informer<ResourceV1ResourceClaim>
  deviceClasses: Informer<DeviceClass>
  slices: Informer<ResourceSlice>
}>

/** Has the chosen devices written into claims before their pod is bound (kube-scheduler's DynamicResources, PreBind). */
export interface ClaimBinder {
  /** Devices as the informers show them, less what has been chosen and cannot be seen there yet. */
  readonly view: DeviceView
  reserve(choice: DeviceChoice): void
  release(choice: DeviceChoice): void
  /** Resolves with undefined, or with what went wrong. */
  bind(choice: DeviceChoice, nodeName: string): Promise<string | undefined>
  /** Has the claim give its devices back. */
  free(claim: Claim): Promise<void>
  stop(): void
}

/** Others write claims, too: each attempt is made on what they wrote. */
const attempts = 5

export type ClaimBinderParts = Readonly<{
  client: Client
  clock: Clock
  events: EventRecorder
  informers: DeviceInformers
}>

export function makeClaimBinder({ client, clock, events, informers }: ClaimBinderParts): ClaimBinder {
  const { resourceClaims, deviceClasses, slices } = informers
  const devicesReady = makeDeviceWaiter(clock, resourceClaims)
  const { allocations, ...reservations } = makeDeviceReservations(resourceClaims)
  const release = ({ claims }: DeviceChoice): void =>
    reservations.release(claims.map(({ claim }) => claim.metadata.uid))
  /** Those that are bound are added to `own`; gives what went wrong. */
  const bindAll = async ({ pod, claims }: DeviceChoice, own: Claim[]): Promise<string | undefined> => {
    for (const { claim, allocation, mappings } of claims) {
      const made = mappings === undefined ? ok(claim) : await createClaim(client, claim)
      if (!made.ok) return made.error
      const bound = await bindClaim(client, clock, made.value, pod, allocation)
      own.push(bound.ok ? bound.value : made.value)
      if (!bound.ok) return bound.error
      const told = mappings && (await tellPod(client, pod, bound.value, mappings))
      if (told !== undefined) return told
      if (mappings !== undefined) {
        await devicesReady.shown(bound.value)
        reservations.release([claim.metadata.uid])
      }
    }
    return undefined
  }
  const whenReady = async (pod: Stored<Pod>, own: readonly Claim[], nodeName: string): Promise<string | undefined> => {
    if (!own.some(({ status }) => status?.allocation?.devices?.results?.some(needsBinding))) return undefined
    const message = `waiting for binding conditions for device on node ${nodeName}`
    events.event(pod, 'Normal', 'BindingConditionsPending', message)
    // The pod may go elsewhere; the next try sees that these devices will not do, and has them given back.
    return devicesReady.wait(own)
  }
  return {
    view: {
      claim: resourceClaims.get,
      deviceClass: deviceClasses.get,
      classFor: (resource) => classForResource(deviceClasses.list(), resource),
      extendedClaim: (pod) => resourceClaims.list().find((claim) => isExtended(claim) && isClaimOf(claim, pod)),
      slices: slices.list,
      allocations,
      matches: deviceMatcher(),
      nowMs: clock.nowMs,
    },
    reserve: reservations.reserve,
    release,
    async bind(choice, nodeName) {
      const { pod } = choice
      const own: Claim[] = []
      const failed = (await bindAll(choice, own)) ?? (await whenReady(pod, own, nodeName))
      if (failed === undefined) return undefined
      release(choice)
      for (const claim of own) await (isExtended(claim) ? removeClaim(client, claim) : giveUp(client, claim, pod))
      return failed
    },
    async free(claim) {
      if (isExtended(claim)) return removeClaim(client, claim)
      const { reservedFor: _, allocation: __, devices: ___, ...status } = claim.status ?? {}
      await client.update(kinds.resourceClaims, { ...claim, status }, 'status')
    },
    stop: devicesReady.stop,
  }
}

/** The pod uses the claim no more. */
async function giveUp(client: Client, { metadata: { name, namespace, uid } }: Claim, pod: Stored<Pod>): Promise<void> {
  const body = { metadata: { uid }, status: { reservedFor: [{ $patch: 'delete', uid: pod.metadata.uid }] } }
  await client.patch(kinds.resourceClaims, name, namespace, { type: 'strategic', body }, 'status')
}

async function bindClaim(
  client: Client,
  clock: Clock,
  { metadata: { name, namespace = '', uid } }: Claim,
  pod: Stored<Pod>,
  allocation: AllocationResult | undefined,
): Promise<Result<Claim, string>> {
  let refused: Status = {}
  for (let attempt = 0; attempt < attempts; attempt++) {
    const live = await client.get(kinds.resourceClaims, name, namespace)
    if (!live.ok) return fail(live.error.message ?? 'refused')
    const claim = live.value
    if (claim.metadata.uid !== uid || claim.metadata.deletionTimestamp !== undefined)
      return fail(`claim ${namespace}/${name} got deleted in the meantime`)
    const isAllocated = claim.status?.allocation !== undefined
    if (allocation !== undefined && isAllocated)
      return fail(`claim ${namespace}/${name} got allocated elsewhere in the meantime`)
    if (allocation === undefined && !isAllocated)
      return fail(`claim ${namespace}/${name} got deallocated elsewhere in the meantime`)
    if (allocation === undefined && isReservedFor(claim, pod.metadata.uid)) return ok(claim)
    const allocationTimestamp = timestampOf(clock.nowMs())
    const written = await write(client, claim, pod, allocation && { ...allocation, allocationTimestamp })
    if (written.ok) return written
    refused = written.error
    if (refused.code !== 409) break
  }
  return fail(`add allocation and reservation to claim ${namespace}/${name}: ${refused.message ?? 'refused'}`)
}

/** The finalizer first: devices are given back before the claim goes. */
async function write(
  client: Client,
  claim: Claim,
  pod: Stored<Pod>,
  allocation: AllocationResult | undefined,
): Promise<Result<Claim, Status>> {
  let current = claim
  const finalizers = claim.metadata.finalizers ?? []
  if (allocation !== undefined && !finalizers.includes(allocationFinalizer)) {
    const metadata = { ...claim.metadata, finalizers: [...finalizers, allocationFinalizer] }
    const marked = await client.update(kinds.resourceClaims, { ...claim, metadata })
    if (!marked.ok) return marked
    current = marked.value
  }
  const reserved = reservedFor(current, pod)
  const next = allocation === undefined ? reserved : { ...reserved, status: { ...reserved.status, allocation } }
  return client.update(kinds.resourceClaims, next, 'status')
}
