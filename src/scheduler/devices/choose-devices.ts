import type { AllocationResult, Node, Pod } from '../../api/kinds.generated.ts'
import { matchesNodeSelector } from '../../api/node-selector.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import {
  type Claim,
  claimNameFor,
  extendedClaimAnnotation,
  isClaimOf,
  isReservedFor,
  mostConsumers,
} from '../../api/resource-claim.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { allocationResult } from './allocation-result.ts'
import { readinessOf } from './binding-conditions.ts'
import { poolsFor } from './device-pools.ts'
import { alternativesOf, exactRequests } from './device-requests.ts'
import { mostDevices, searchDevices } from './device-search.ts'
import type { DeviceView } from './device-view.ts'
import { devicesInUse } from './devices-in-use.ts'
import { type ExtendedRequests, extendedRequests } from './extended-resources.ts'

/** A pod's resource claims: those that have their devices, and those that get some where the pod goes. */
export type PodDevices = Readonly<{
  allocated: readonly Claim[]
  open: readonly Claim[]
  /** Extended resources that the pod wants, with the classes whose devices stand for them where no plugin provides them. */
  extended?: ReadonlyMap<string, string>
  /** What an earlier try has left: it is in the way. */
  leftOver?: Claim
}>

/** What is to be written before the pod is bound. */
export type DeviceChoice = Readonly<{
  pod: Stored<Pod>
  /** Absent: the claim has its devices, and the pod joins its users. */
  claims: readonly Readonly<{
    claim: Claim
    allocation?: AllocationResult
    /** The claim has yet to be made: it is for the pod's extended resources. */
    mappings?: ExtendedRequests['mappings']
  }>[]
}>

/** Undefined: the pod has no claims. The error: why it can go nowhere (kube-scheduler's DynamicResources, PreFilter). */
export function podDevices(
  pod: Stored<Pod>,
  view: DeviceView,
  resources: Iterable<readonly [name: string, amount: number]> = [],
): Result<PodDevices | undefined, string> {
  const entries = pod.spec.resourceClaims ?? []
  const extended = extendedOf(resources, view)
  if (entries.length === 0 && extended.size === 0) return ok(undefined)
  const allocated: Claim[] = []
  const open: Claim[] = []
  const taken = view.allocations()
  const { namespace = '', name: podName, uid } = pod.metadata
  for (const entry of entries) {
    const name = claimNameFor(pod, entry)
    if (name === undefined)
      return fail(`pod ${JSON.stringify(`${namespace}/${podName}`)}: ResourceClaim not created yet`)
    const claim = view.claim(`${namespace}/${name}`)
    const fault = claimFault(pod, name, claim, entry.resourceClaimTemplateName !== undefined)
    if (claim === undefined || fault !== undefined) return fail(fault ?? '')
    if (claim.status?.allocation !== undefined) {
      const users = claim.status.reservedFor ?? []
      if (!isReservedFor(claim, uid) && users.length >= mostConsumers) return fail('resourceclaim in use')
      allocated.push(claim)
    } else if (taken.has(claim.metadata.uid)) {
      return fail(`resource claim ${namespace}/${name} is in the process of being allocated`)
    } else {
      const missing = missingClass(claim, view)
      if (missing !== undefined) return fail(missing)
      open.push(claim)
    }
  }
  if (extended.size === 0) return ok({ allocated, open })
  const leftOver = view.extendedClaim(pod)
  return ok({ allocated, open, extended, ...(leftOver && { leftOver }) })
}

function extendedOf(
  resources: Iterable<readonly [name: string, amount: number]>,
  view: DeviceView,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [name, amount] of resources) {
    const deviceClass = amount > 0 ? view.classFor(name) : undefined
    if (deviceClass !== undefined) found.set(name, deviceClass.metadata.name)
  }
  return found
}

/** The claim that the pod's extended resources come to on the node: device plugins may provide some of them there. */
function extendedClaim(
  { metadata: { name, namespace = '', uid, creationTimestamp } }: Stored<Pod>,
  { requests }: ExtendedRequests,
): Claim {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      name: '<extended-resources>',
      generateName: `${name}-extended-resources-`,
      namespace,
      uid: `extended-resources-of-${uid}`,
      resourceVersion: '',
      creationTimestamp,
      annotations: { [extendedClaimAnnotation]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    },
    spec: { devices: { requests } },
    status: {},
  }
}

function claimFault(pod: Stored<Pod>, name: string, claim: Claim | undefined, isOwn: boolean): string | undefined {
  if (claim === undefined) return `resourceclaim ${JSON.stringify(name)} not found`
  if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim ${JSON.stringify(name)} is being deleted`
  if (!isOwn || isClaimOf(claim, pod)) return undefined
  const { namespace } = pod.metadata
  return `ResourceClaim ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`
}

function missingClass({ spec }: Claim, view: DeviceView): string | undefined {
  for (const request of spec.devices?.requests ?? [])
    for (const [name, { deviceClassName }] of exactRequests(request))
      if (view.deviceClass(deviceClassName) === undefined)
        return `request ${name}: device class ${deviceClassName} does not exist`
  return undefined
}

/**
 * The devices that the pod would get on the node; the error is why it gets none there (DynamicResources, Filter). newShareId makes names
 * for its shares of devices that others have, too; who only asks whether it can be done needs none.
 */
export function chooseDevices(
  pod: Stored<Pod>,
  { allocated, open: named, extended, leftOver }: PodDevices,
  node: Node,
  view: DeviceView,
  newShareId: () => string = () => '',
): Result<DeviceChoice, string> {
  if (leftOver !== undefined) return fail('cannot schedule extended resource claim')
  if (allocated.some((claim) => isUnavailable(claim, node, view)))
    return fail('resourceclaim not available on the node')
  const known = allocated.map((claim) => ({ claim }))
  const served = extended && extendedRequests(pod, withoutProvided(extended, node))
  const own = served && served.requests.length > 0 ? extendedClaim(pod, served) : undefined
  const open = own === undefined ? named : [...named, own]
  if (open.length === 0) return ok({ pod, claims: known })
  const pools = poolsFor(node, view.slices())
  const inUse = devicesInUse(view)
  const claims = []
  for (const claim of open) {
    const requests = alternativesOf(claim, pools, inUse, view)
    if (!requests.ok) return requests
    const least = requests.value.reduce((sum, ways) => sum + Math.min(...ways.map(({ count }) => count)), 0)
    if (Number.isFinite(least) && least > mostDevices)
      return fail(
        `claim ${objectKey(claim)}: number of requested devices ${least} exceeds the claim limit of ${mostDevices}`,
      )
    claims.push({ constraints: claim.spec.devices?.constraints ?? [], requests: requests.value })
  }
  const found = searchDevices(claims, pools, inUse)
  if (found === undefined) {
    const isAmiss = pools.some(({ state }) => state === 'invalid')
    return fail(isAmiss ? 'invalid resource pools were encountered' : 'cannot allocate all claims')
  }
  const fresh = open.map((claim, at) => ({
    claim,
    allocation: allocationResult(claim, found[at] ?? [], node, newShareId),
    ...(claim === own && served && { mappings: served.mappings }),
  }))
  return ok({ pod, claims: [...known, ...fresh] })
}

/** What device plugins of the node provide is theirs to give. */
function withoutProvided(extended: ReadonlyMap<string, string>, { status }: Node): ReadonlyMap<string, string> {
  return new Map([...extended].filter(([name]) => (status?.allocatable?.[name] ?? '0') === '0'))
}

/** Its devices are elsewhere, or could not be made ready in time. */
function isUnavailable(claim: Claim, node: Node, view: DeviceView): boolean {
  const selector = claim.status?.allocation?.nodeSelector
  if (selector !== undefined && !matchesNodeSelector(selector, node)) return true
  const { type } = readinessOf(claim, view.nowMs())
  return type === 'failed' || type === 'timed-out'
}

/**
 * A claim that has devices which keep the pod from every node, and which nobody else uses: where it gives them back, others may do
 * (DynamicResources, PostFilter).
 */
export function claimToFree(
  pod: Stored<Pod>,
  { allocated, leftOver }: PodDevices,
  nodes: readonly Node[],
  view: DeviceView,
): Claim | undefined {
  if (leftOver !== undefined) return leftOver
  return allocated.find(
    (claim) =>
      (claim.status?.reservedFor ?? []).every(({ uid }) => uid === pod.metadata.uid) &&
      nodes.some((node) => isUnavailable(claim, node, view)),
  )
}

/** Kubernetes: ways to satisfy a request (FirstAvailableDeviceRequestMaxSize). */
const mostAlternatives = 8

/** The more, the earlier the ways stand that were taken, in the lists of which the first available is wanted. */
export function preferenceOf({ claims }: DeviceChoice): number {
  let sum = 0
  for (const { claim, allocation } of claims) {
    const taken = new Set(allocation?.devices?.results?.map(({ request }) => request))
    for (const { name, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
      const at = firstAvailable.findIndex((one) => taken.has(`${name}/${one.name}`))
      if (at >= 0) sum += mostAlternatives - at
    }
  }
  return sum
}
