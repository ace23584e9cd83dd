/** What a request to the kubelet is called where access is decided: pkg/kubelet/server/auth.go. */

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** '' for other methods, which nobody can be allowed. */
export function verbOf(method: string): string {
  return verbs[method] ?? ''
}

/** Narrow subresources, which may be allowed besides the one that allows everything. */
const fineGrained: readonly (readonly [path: string, subresource: string])[] = [
  ['/pods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
  ['/runningpods', 'pods'],
]
const own: readonly (readonly [path: string, subresource: string])[] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
  ['/statusz', 'statusz'],
  ['/flagz', 'configz'],
]

/** Subresources of the node, any of which allows the request. */
export function nodeSubresources(path: string): readonly string[] {
  const find = (table: typeof own) => table.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1]
  const fine = find(fineGrained)
  return [...(fine === undefined ? [] : [fine]), find(own) ?? 'proxy']
}
