import type {
  Container,
  ContainerExtendedResourceRequest,
  DeviceClass,
  DeviceRequest,
  Pod,
} from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { parseQuantity, quantityNumber } from '../../api/quantity.ts'

/** Resources of this prefix are a class by its name. */
const implicitPrefix = 'deviceclass.resource.kubernetes.io/'

/** The class whose devices stand for a resource; of several the newest, then the first by name (extendedresourcecache). */
export function classForResource(
  classes: readonly Stored<DeviceClass>[],
  resource: string,
): Stored<DeviceClass> | undefined {
  if (!resource.includes('/')) return undefined
  if (resource.startsWith(implicitPrefix)) {
    const name = resource.slice(implicitPrefix.length)
    return classes.find(({ metadata }) => metadata.name === name)
  }
  let found: Stored<DeviceClass> | undefined
  for (const one of classes) if (one.spec.extendedResourceName === resource && isPreferred(one, found)) found = one
  return found
}

function isPreferred({ metadata }: Stored<DeviceClass>, other: Stored<DeviceClass> | undefined): boolean {
  if (other === undefined) return true
  const [own, known] = [metadata.creationTimestamp, other.metadata.creationTimestamp]
  return own === known ? metadata.name < other.metadata.name : own > known
}

export type ExtendedRequests = Readonly<{
  requests: readonly DeviceRequest[]
  /** Which of them each container means by which of its resources. */
  mappings: readonly ContainerExtendedResourceRequest[]
}>

/**
 * The requests for devices that stand for a pod's extended resources, by resource their classes. Init containers that end before others
 * start use what those will have, and share the most that one of them needs besides (createRequestsAndMappings).
 */
export function extendedRequests({ spec }: Pod, classes: ReadonlyMap<string, string>): ExtendedRequests {
  const init = spec?.initContainers ?? []
  const containers = [...init, ...(spec?.containers ?? [])]
  const isShort = (at: number): boolean => at < init.length && containers[at]?.restartPolicy !== 'Always'
  const requests: DeviceRequest[] = []
  const mappings: ContainerExtendedResourceRequest[] = []
  for (const [resource, className] of [...classes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const wanted = containers.map((container, at) => requestFor(container, at, resource, className))
    const lasting = wanted.map((request, at) => (isShort(at) ? undefined : request))
    const short = containers.map((_, at) => (isShort(at) ? besides(wanted[at], lasting.slice(at)) : undefined))
    const largest = short.reduce<Wanted>(
      (most, one) => (countOf(one?.more) > countOf(most) ? one?.more : most),
      undefined,
    )
    if (largest !== undefined) requests.push(largest)
    requests.push(...lasting.flatMap((one) => one ?? []))
    const map = (at: number, names: readonly string[]): void => {
      const containerName = containers[at]?.name ?? ''
      mappings.push(...names.map((requestName) => ({ containerName, resourceName: resource, requestName })))
    }
    for (const [at, one] of lasting.entries()) map(at, one === undefined ? [] : [one.name])
    for (const [at, one] of short.entries())
      map(at, [...(one?.reused ?? []), ...(one?.more && largest ? [largest.name] : [])])
  }
  return { requests: requests.sort((a, b) => (a.name < b.name ? -1 : 1)), mappings }
}

type Wanted = DeviceRequest | undefined

function requestFor({ resources }: Container, at: number, resource: string, className: string): Wanted {
  const { requests = {} } = resources ?? {}
  const parsed = parseQuantity(requests[resource] ?? '0')
  const count = parsed.ok ? quantityNumber(parsed.value) : 0
  if (count === 0) return undefined
  const name = `container-${at}-request-${Object.keys(requests).sort().indexOf(resource)}`
  return { name, exactly: { deviceClassName: className, allocationMode: 'ExactCount', count } }
}

/** What a container uses of later ones' devices, and what it needs beyond that. */
function besides(wanted: Wanted, later: readonly Wanted[]): Readonly<{ reused: readonly string[]; more: Wanted }> {
  const reused: string[] = []
  let left = countOf(wanted)
  for (const request of later) {
    if (left <= 0) break
    if (request === undefined) continue
    reused.push(request.name)
    left -= countOf(request)
  }
  if (wanted?.exactly === undefined || left <= 0) return { reused, more: undefined }
  return { reused, more: { ...wanted, exactly: { ...wanted.exactly, count: left } } }
}

function countOf(request: Wanted): number {
  return request?.exactly?.count ?? 0
}
