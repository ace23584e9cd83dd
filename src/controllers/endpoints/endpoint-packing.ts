import { equalJson } from '../../api/json-value.ts'
import type { Endpoint, EndpointSlice } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'

/** A slice with what it is to hold; without one it is to be made; with nothing in it, it has no use any more. */
export type PackedSlice = Readonly<{ slice?: Stored<EndpointSlice>; endpoints: readonly Endpoint[] }>

/** kube-controller-manager's --max-endpoints-per-slice. */
export const endpointsPerSlice = 100

type Open = { slice: Stored<EndpointSlice>; endpoints: Endpoint[]; isChanged: boolean }

/**
 * Spreads endpoints over slices, 100 in each at most. Every endpoint stays in the slice it is in; new ones go into slices that change
 * anyway, then into the fullest that have room, then into new slices: fewer writes, and fewer watchers to wake.
 */
export function packSlices(
  existing: readonly Stored<EndpointSlice>[],
  endpoints: readonly Endpoint[],
): readonly PackedSlice[] {
  const missing = new Map(endpoints.map((endpoint) => [identity(endpoint), endpoint]))
  const open = existing.map((slice) => keepIn(slice, missing))
  const left = [...missing.values()]
  const byUse = open.toSorted(
    (a, b) => Number(b.isChanged) - Number(a.isChanged) || b.endpoints.length - a.endpoints.length,
  )
  for (const { endpoints: held } of byUse) {
    held.push(...left.splice(0, Math.max(0, endpointsPerSlice - held.length)))
  }
  const packed: PackedSlice[] = open.map(({ slice, endpoints: held }) => ({ slice, endpoints: held }))
  while (left.length > 0) packed.push({ endpoints: left.splice(0, endpointsPerSlice) })
  return packed
}

/** What of the slice is still wanted, brought up to date and taken out of what is missing. */
function keepIn(slice: Stored<EndpointSlice>, missing: Map<string, Endpoint>): Open {
  const held: Endpoint[] = []
  let isChanged = false
  for (const known of slice.endpoints ?? []) {
    const key = identity(known)
    const wanted = missing.get(key)
    missing.delete(key)
    if (wanted !== undefined) held.push(wanted)
    if (wanted === undefined || !equalJson(known, wanted)) isChanged = true
  }
  return { slice, endpoints: held, isChanged }
}

function identity({ addresses, targetRef }: Endpoint): string {
  return JSON.stringify([addresses.toSorted(), targetRef?.namespace, targetRef?.name, targetRef?.uid])
}
