import type { Container, ObjectFieldSelector, ResourceFieldSelector } from '../api/kinds.generated.ts'
import { parseQuantity, type Quantity, quantity } from '../api/quantity.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { allContainers, type KubeletPod } from './pod-containers.ts'
import { amountOf } from './qos-class.ts'

/** What the downward API can tell of a pod that is not written in the pod itself yet. */
export type PodFacts = Readonly<{
  podIps: readonly string[]
  hostIps: readonly string[]
  /** What containers without limits may use: the node's allocatable. */
  allocatable: Readonly<Record<string, string>>
}>

/** The value of a fieldRef. Errors are worded as the original's. */
export function fieldValue(
  pod: KubeletPod,
  { fieldPath }: Pick<ObjectFieldSelector, 'fieldPath'>,
  { podIps, hostIps }: PodFacts,
): Result<string, string> {
  const { metadata, spec } = pod
  const keyed = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath)
  if (keyed !== null)
    return ok((keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2] ?? ''] ?? '')
  switch (fieldPath) {
    case 'metadata.name':
      return ok(metadata.name)
    case 'metadata.namespace':
      return ok(metadata.namespace ?? '')
    case 'metadata.uid':
      return ok(metadata.uid)
    case 'metadata.labels':
      return ok(formatMap(metadata.labels))
    case 'metadata.annotations':
      return ok(formatMap(metadata.annotations))
    case 'spec.nodeName':
      return ok(spec.nodeName ?? '')
    case 'spec.serviceAccountName':
      return ok(spec.serviceAccountName ?? '')
    case 'status.hostIP':
      return ok(hostIps[0] ?? '')
    case 'status.hostIPs':
      return ok(hostIps.join(','))
    case 'status.podIP':
      return ok(podIps[0] ?? '')
    case 'status.podIPs':
      return ok(podIps.join(','))
    default:
      return fail(`unsupported fieldPath: ${fieldPath}`)
  }
}

/** Sorted lines of key="value", quoted as Go quotes. */
function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

/** The value of a resourceFieldRef, in units of its divisor, rounded up. A limit that is not set is the node's allocatable. */
export function resourceValue(
  pod: KubeletPod,
  own: Container | undefined,
  { containerName, resource, divisor }: ResourceFieldSelector,
  { allocatable }: PodFacts,
): Result<string, string> {
  const container =
    containerName === undefined || containerName === ''
      ? own
      : allContainers(pod).find(({ name }) => name === containerName)
  if (container === undefined) return fail(`container ${containerName ?? ''} not found`)
  const [kind, ...rest] = resource.split('.')
  const name = rest.join('.')
  const { limits, requests } = container.resources ?? {}
  const known = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')
  if (!known || (kind !== 'limits' && kind !== 'requests')) return fail(`unsupported container resource : ${resource}`)
  const limit = limits?.[name] === undefined ? amountOf(allocatable, name) : amountOf(limits, name)
  return ok(divided(kind === 'limits' ? limit : amountOf(requests, name), divisorOf(divisor)))
}

function divisorOf(divisor: string | undefined): Quantity {
  const parsed = parseQuantity(divisor ?? '1')
  return parsed.ok && parsed.value.nano > 0n ? parsed.value : quantity('1')
}

function divided(amount: Quantity, divisor: Quantity): string {
  return ((amount.nano + divisor.nano - 1n) / divisor.nano).toString()
}
