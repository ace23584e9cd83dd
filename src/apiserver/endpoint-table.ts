import type { Endpoint } from './call.ts'

/** Everything that is served under /api and /apis, found by 'group/version/resource[/subresource]'. */
export type EndpointTable = ReadonlyMap<string, Endpoint>

export function endpointKey(group: string, version: string, plural: string, subresource = ''): string {
  return `${group}/${version}/${plural}/${subresource}`
}
