import type {
  AllocationResult,
  Device,
  DeviceClassSpec,
  DeviceRequest,
  ResourceClaimSpec,
  ResourceSliceSpec,
} from '../../api/kinds.generated.ts'
import type { Claim } from '../../api/resource-claim.ts'
import { testNode, testPod } from '../test-cluster.ts'
import { chooseDevices, podDevices } from './choose-devices.ts'
import { type DeviceView, noDevices } from './device-view.ts'

/** Devices, claims and requests as short as a test wants to write them. */

export const driver = 'gpu.example.com'
const meta = (name: string) => ({
  name,
  uid: `uid-${name}`,
  namespace: 'x',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
})

export const gpu = (name: string, memory: string, more: Partial<Device> = {}): Device => ({
  name,
  attributes: { model: { string: name.slice(0, 1) }, [`${driver}/index`]: { int: Number(name.slice(1)) } },
  capacity: { memory: { value: memory } },
  ...more,
})
export const standard = [gpu('a0', '16Gi'), gpu('a1', '16Gi'), gpu('b2', '80Gi'), gpu('b3', '80Gi')]

export type World = Readonly<{
  slices?: readonly Partial<ResourceSliceSpec>[]
  classes?: Readonly<Record<string, DeviceClassSpec>>
  allocations?: Readonly<Record<string, AllocationResult>>
}>

export function viewOf(
  claim: Claim,
  { slices = [{ devices: standard }], classes = { gpu: {} }, allocations = {} }: World,
): DeviceView {
  return {
    ...noDevices,
    claim: (key) => (key === 'x/mine' ? claim : undefined),
    deviceClass: (name) => {
      const spec = classes[name]
      return spec && { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: meta(name), spec }
    },
    slices: () =>
      slices.map((slice, at) => ({
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceSlice',
        metadata: meta(`slice-${at}`),
        spec: {
          driver,
          nodeName: 'n1',
          pool: { name: 'p', generation: 1, resourceSliceCount: slices.length },
          ...slice,
        },
      })),
    allocations: () => new Map(Object.entries(allocations)),
  }
}

export function claimOf(devices: ResourceClaimSpec['devices'], status: Claim['status'] = {}): Claim {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: meta('mine'),
    spec: { devices: devices ?? {} },
    status: status ?? {},
  }
}

export const request = (more: NonNullable<DeviceRequest['exactly']> | object = {}, name = 'r'): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'gpu', ...more },
})
export const cel = (expression: string) => [{ cel: { expression } }]

export const pod = testPod('web', { spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] } })
/** The devices that are chosen, or why none are. */
export function chosen(
  devices: ResourceClaimSpec['devices'],
  world: World = {},
  node = 'n1',
): readonly string[] | string {
  const claim = claimOf(devices)
  const view = viewOf(claim, world)
  const needs = podDevices(pod, view)
  if (!needs.ok) return needs.error
  if (needs.value === undefined) return 'nothing is needed'
  const choice = chooseDevices(pod, needs.value, testNode(node), view)
  if (!choice.ok) return choice.error
  const { results = [] } = choice.value.claims[0]?.allocation?.devices ?? {}
  return results.map(({ request, device, consumedCapacity }) => {
    const amounts = Object.entries(consumedCapacity ?? {}).map(([name, amount]) => ` ${name} ${amount}`)
    return `${request}=${device}${amounts.join('')}`
  })
}
