import { groupResource, kinds } from '../api/kinds.ts'
import type { Endpoint } from './call.ts'
import { componentStatusKind } from './virtual/component-statuses.ts'

/** What is served still, but should be asked for no more. */
const deprecations: ReadonlyMap<string, string> = new Map([
  [groupResource(kinds.endpoints), 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  [groupResource(componentStatusKind), 'v1 ComponentStatus is deprecated in v1.19+'],
])

export function deprecationOf({ kind }: Pick<Endpoint, 'kind'>): readonly string[] {
  if (kind?.custom?.deprecation !== undefined) return [kind.custom.deprecation]
  const warning = kind === undefined ? undefined : deprecations.get(groupResource(kind))
  return warning === undefined ? [] : [warning]
}
