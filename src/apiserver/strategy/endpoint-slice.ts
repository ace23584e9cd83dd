import { equalJson } from '../../api/json-value.ts'
import type { EndpointSlice } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

/** As pkg/registry/discovery/endpointslice: what v1beta1 called topology is kept only where it is, and nothing new is. */
export const endpointSliceStrategy: Strategy = {
  alsoWanted: ({ labels }) => labels,
  prepareCreate: (slice) => withoutEmptyLists(withoutTopology(slice)),
  // What the request says is counted, what is dropped of it included.
  countedAsAsked: true,
  prepareUpdate: (after, before) => {
    const isSame = equalJson((after as EndpointSlice).endpoints, (before as EndpointSlice).endpoints)
    return withoutEmptyLists(isSame ? after : withoutTopology(after))
  },
}

/** Empty lists are stored as none: whose they are has been noted by then. */
function withoutEmptyLists(slice: ApiObject): ApiObject {
  const { endpoints, ports } = slice as EndpointSlice
  if (endpoints?.length !== 0 && ports?.length !== 0) return slice
  return { ...slice, endpoints: endpoints?.length ? endpoints : null, ports: ports?.length ? ports : null } as ApiObject
}

function withoutTopology(slice: ApiObject): ApiObject {
  // Decoding leaves null where there are none.
  const endpoints = (slice as EndpointSlice).endpoints ?? []
  if (!endpoints.some(({ deprecatedTopology }) => deprecatedTopology !== undefined)) return slice
  return { ...slice, endpoints: endpoints.map(({ deprecatedTopology: _, ...endpoint }) => endpoint) } as ApiObject
}
