import type { EndpointSlice, Service } from '../api/kinds.generated.ts'
import { objectKey } from '../api/object.ts'
import { type Change, type Desired, makeClaims } from './claims.ts'
import { type Entry, type PlanContext, planService } from './service-plan.ts'
import { makeSliceIndex } from './slice-index.ts'

/** What the change of one owner's elements looked like, for what has to be cleaned up after it. */
export type OwnerChange = Readonly<{ before: readonly Entry[]; after: readonly Entry[] }>

/**
 * All services, their endpoint slices and the published ports of pods, and the elements they amount to, kept current one owner at a
 * time: the cost of a change does not grow with the number of services.
 */
export interface ServiceState {
  setService(key: string, service: Service | undefined): void
  setSlice(key: string, slice: EndpointSlice | undefined): void
  /** Elements that stand by themselves, such as a sandbox's host ports; owner names start with a letter of their own. */
  setEntries(owner: string, entries: readonly Entry[]): void
  /** Plans whatever was set since the last call. */
  settle(): Readonly<{ changes: readonly Change[]; owners: readonly OwnerChange[] }>
  dirty(): boolean
  desired(): Desired
}

export function makeServiceState(nodeName: string): ServiceState {
  const services = new Map<string, Service>()
  const slices = makeSliceIndex()
  const extras = new Map<string, readonly Entry[]>()
  const claims = makeClaims()
  const dirtyOwners = new Set<string>()
  const context: PlanContext = { nodeName, affinityId: idAllocator() }

  const entriesOf = (owner: string): readonly Entry[] => {
    const extra = extras.get(owner)
    if (extra !== undefined) return extra
    const key = owner.slice('service '.length)
    const service = services.get(key)
    return service === undefined ? [] : planService(service, slices.of(key), context)
  }
  return {
    setService(key, service) {
      if (service === undefined) services.delete(key)
      else services.set(key, service)
      dirtyOwners.add(`service ${key}`)
    },
    setSlice(key, slice) {
      for (const owner of slices.set(key, slice)) dirtyOwners.add(`service ${owner}`)
    },
    setEntries(owner, entries) {
      if (entries.length === 0) extras.delete(owner)
      else extras.set(owner, entries)
      dirtyOwners.add(owner)
    },
    settle() {
      const changes: Change[] = []
      const owners: OwnerChange[] = []
      for (const owner of [...dirtyOwners].sort()) {
        const before = claims.entriesOf(owner)
        const after = entriesOf(owner)
        changes.push(...claims.replace(owner, after))
        owners.push({ before, after })
      }
      dirtyOwners.clear()
      return { changes, owners }
    },
    dirty: () => dirtyOwners.size > 0,
    desired: claims.desired,
  }
}

/** Pure: everything that these services, slices and addresses of this node amount to. */
export function planServices(
  input: Readonly<{ services: readonly Service[]; endpointSlices: readonly EndpointSlice[]; nodeName: string }>,
): Desired {
  const state = makeServiceState(input.nodeName)
  for (const service of input.services) state.setService(objectKey({ metadata: service.metadata ?? {} }), service)
  for (const slice of input.endpointSlices) state.setSlice(objectKey({ metadata: slice.metadata ?? {} }), slice)
  state.settle()
  return state.desired()
}

/** Numbers in the order of asking; one that was given out stands for the same service port for good. */
function idAllocator(): (servicePort: string) => number {
  const ids = new Map<string, number>()
  return (servicePort) => {
    const id = ids.get(servicePort) ?? ids.size + 1
    ids.set(servicePort, id)
    return id
  }
}
