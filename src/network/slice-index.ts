import type { EndpointSlice } from '../api/kinds.generated.ts'

/** Endpoint slices by the service they belong to, kept current one slice at a time. */
export interface SliceIndex {
  /** Sets or (undefined) drops a slice; gives the keys of the services that this concerns. */
  set(sliceKey: string, slice: EndpointSlice | undefined): readonly string[]
  /** In key order. */
  of(serviceKey: string): readonly EndpointSlice[]
}

const serviceNameLabel = 'kubernetes.io/service-name'

export function makeSliceIndex(): SliceIndex {
  const slices = new Map<string, Map<string, EndpointSlice>>()
  const ownerOf = new Map<string, string>()

  const drop = (sliceKey: string): readonly string[] => {
    const owner = ownerOf.get(sliceKey)
    if (owner === undefined) return []
    ownerOf.delete(sliceKey)
    const left = slices.get(owner)
    left?.delete(sliceKey)
    if (left?.size === 0) slices.delete(owner)
    return [owner]
  }
  return {
    set(sliceKey, slice) {
      const before = drop(sliceKey)
      const owner = slice === undefined ? undefined : serviceKeyOf(slice)
      if (slice === undefined || owner === undefined) return before
      ownerOf.set(sliceKey, owner)
      slices.set(owner, (slices.get(owner) ?? new Map<string, EndpointSlice>()).set(sliceKey, slice))
      return before.includes(owner) ? before : [...before, owner]
    },
    of(serviceKey) {
      const found = slices.get(serviceKey)
      if (found === undefined) return []
      return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, slice]) => slice)
    },
  }
}

export function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata?.labels?.[serviceNameLabel]
  return name === undefined ? undefined : `${metadata?.namespace ?? ''}/${name}`
}
