import type { Container } from '../../api/kinds.generated.ts'
import { quantityNumber } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { rpcErrorText } from '../../client/rpc.ts'
import { isSidecar, type KubeletPod } from '../pod-containers.ts'
import type { Rejection } from '../pod-parts.ts'
import { amountOf, podRequest } from '../qos-class.ts'
import type { NumaMask } from '../topology/numa-mask.ts'
import { anyPlace, type Placement } from '../topology/placement.ts'
import type { ProviderHints, TopologyHint } from '../topology/topology-hints.ts'
import { type DeviceOffer, offerDevices, takeDevices } from './device-choice.ts'
import { deviceHints, deviceNodes, isNear } from './device-hints.ts'
import type { DevicePluginConnection } from './device-plugin.ts'
import { type AllocateResponse, type DeviceRecord, devicesInUse, recordOf } from './device-records.ts'
import { type DeviceResource, healthyDevices } from './device-resources.ts'

const allocateTimeoutMs = 120_000
const preStartTimeoutMs = 30_000

type Resources = ReadonlyMap<string, DeviceResource>
type Reusable = Map<string, Set<string>>

/** The records as they are once the pod has its devices. Those of init containers that end serve the containers after them. */
export async function allocatePod(
  resources: Resources,
  before: readonly DeviceRecord[],
  pod: KubeletPod,
  place: Placement = anyPlace,
  machineNodes: readonly number[] = [],
): Promise<Result<readonly DeviceRecord[], Rejection>> {
  let records = before
  const reusable: Reusable = new Map()
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const isPassing = (pod.spec.initContainers ?? []).includes(container) && !isSidecar(container)
    const known: Known = { resources, records, pod, reusable, machineNodes }
    const placed = place(container, { container: () => containerWishes(known, container), pod: () => podWishes(known) })
    if (!placed.ok) return placed
    for (const [resource, count] of demands(resources, records, container)) {
      const granted = await allocateOne({ ...known, records }, container.name, resource, count, placed.value)
      if (!granted.ok) return fail(unexpected(granted.error))
      if (granted.value !== undefined) records = [...records, granted.value]
      const own = recordOf(records, pod.metadata.uid, container.name, resource)?.devices ?? []
      const pool = reusable.get(resource) ?? new Set<string>()
      for (const id of own) isPassing ? pool.add(id) : pool.delete(id)
      reusable.set(resource, pool)
    }
  }
  return ok(records)
}

/** Resources of device plugins that the container asks for. What no plugin has ever served here is not ours to give. */
function demands(
  resources: Resources,
  records: readonly DeviceRecord[],
  { resources: wanted }: Container,
): readonly (readonly [string, number])[] {
  const limits = wanted?.limits ?? {}
  return Object.keys(limits)
    .filter((name) => resources.has(name) || records.some(({ resource }) => resource === name))
    .map((name) => [name, quantityNumber(amountOf(limits, name))] as const)
    .filter(([, count]) => count > 0)
}

function unexpected(error: string): Rejection {
  return { reason: 'UnexpectedAdmissionError', message: `Allocate failed due to ${error}, which is unexpected` }
}

type Known = Readonly<{
  resources: Resources
  records: readonly DeviceRecord[]
  pod: KubeletPod
  reusable: Reusable
  machineNodes: readonly number[]
}>

function containerWishes(known: Known, container: Container): ProviderHints {
  const { resources, records, pod } = known
  return new Map(
    demands(resources, records, container).map(([resource, count]) => {
      const owned = recordOf(records, pod.metadata.uid, container.name, resource)?.devices ?? []
      return [resource, wishOf(known, resource, count, owned)]
    }),
  )
}

/** Of all containers that run at a time. */
function podWishes(known: Known): ProviderHints {
  const { resources, records, pod } = known
  const names = new Set(
    [...(pod.spec.initContainers ?? []), ...pod.spec.containers].flatMap((container) =>
      demands(resources, records, container).map(([resource]) => resource),
    ),
  )
  return new Map(
    [...names].map((resource) => {
      const own = records.filter((record) => record.podUid === pod.metadata.uid && record.resource === resource)
      const owned = [...new Set(own.flatMap(({ devices }) => devices))]
      return [resource, wishOf(known, resource, podRequest(pod, resource), owned)]
    }),
  )
}

function wishOf(
  { resources, records, reusable, machineNodes }: Known,
  resource: string,
  count: number,
  owned: readonly string[],
): readonly TopologyHint[] | undefined {
  const served = resources.get(resource)
  if (served === undefined) return undefined
  const inUse = devicesInUse(records, resource)
  return deviceHints(machineNodes, served, { count, owned, inUse, reusable: reusable.get(resource) ?? new Set() })
}

/** Undefined: the container has its devices already. */
async function allocateOne(
  { resources, records, pod, reusable }: Known,
  container: string,
  resource: string,
  count: number,
  nodes: NumaMask | undefined,
): Promise<Result<DeviceRecord | undefined, string>> {
  const { uid } = pod.metadata
  const served = resources.get(resource)
  if (served === undefined) return fail(`cannot allocate unregistered device ${resource}`)
  const known = recordOf(records, uid, container, resource)
  const healthy = healthyDevices(served)
  if (known !== undefined) {
    if (known.devices.length !== count)
      return fail(
        `pod ${JSON.stringify(uid)} container ${JSON.stringify(container)} changed request for resource ${JSON.stringify(resource)} from ${known.devices.length} to ${count}`,
      )
    return known.devices.every((id) => healthy.includes(id))
      ? ok(undefined)
      : fail(`previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${resource}`)
  }
  const inUse = devicesInUse(records, resource)
  const offer = offerDevices({
    ...{ resource, count, healthy, inUse, reusable: reusable.get(resource) ?? new Set() },
    isNear: (id) => nodes !== undefined && isNear(served, nodes, id),
  })
  if (!offer.ok) return offer
  const { plugin } = served
  if (plugin === undefined) return fail(`unknown Device Plugin ${resource}`)
  const preferred = await preferredDevices(plugin, offer.value, count)
  if (!preferred.ok) return preferred
  const devices = takeDevices(offer.value, preferred.value)
  const answer = await plugin.client.Allocate(
    { containerRequests: [{ devicesIds: devices }] },
    { timeoutMs: allocateTimeoutMs },
  )
  if (!answer.ok) return fail(rpcErrorText(answer.error))
  const [response] = answer.value.containerResponses
  if (response === undefined) return fail('no containers return in allocation response')
  return ok({ podUid: uid, container, resource, devices, numaNodes: numaNodes(served, devices), response })
}

/** What the plugin would rather give, where it has a say and a choice. */
async function preferredDevices(
  { options, client }: DevicePluginConnection,
  { chosen, available, missing }: DeviceOffer,
  count: number,
): Promise<Result<readonly string[], string>> {
  if (!options.getPreferredAllocationAvailable || missing === 0 || available.length === missing) return ok([])
  const request = {
    availableDeviceIDs: [...available, ...chosen],
    mustIncludeDeviceIDs: chosen,
    allocationSize: count,
  }
  const answer = await client.GetPreferredAllocation({ containerRequests: [request] })
  return answer.ok
    ? ok(answer.value.containerResponses[0]?.deviceIDs ?? [])
    : fail(`device plugin GetPreferredAllocation rpc failed with err: ${rpcErrorText(answer.error)}`)
}

function numaNodes(resource: DeviceResource, ids: readonly string[]): DeviceRecord['numaNodes'] {
  const placed = ids.map((id) => [id, deviceNodes(resource, id)] as const)
  return Object.fromEntries(placed.filter(([, nodes]) => nodes.length > 0))
}

export async function prepareStart(
  resources: Resources,
  records: readonly DeviceRecord[],
  { metadata: { uid } }: KubeletPod,
  { name }: Container,
): Promise<Result<readonly AllocateResponse[], string>> {
  const own = records.filter((record) => record.podUid === uid && record.container === name)
  for (const { resource, devices } of own) {
    const plugin = resources.get(resource)?.plugin
    if (plugin?.options.preStartRequired !== true) continue
    const answer = await plugin.client.PreStartContainer({ devicesIds: devices }, { timeoutMs: preStartTimeoutMs })
    if (!answer.ok) return fail(`device plugin PreStartContainer rpc failed with err: ${rpcErrorText(answer.error)}`)
  }
  return ok(own.map(({ response }) => response))
}
