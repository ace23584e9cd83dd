import type { RuleWithOperations } from '../kinds.generated.ts'
import { child, type Errors, index, invalid, isUnset, notSupported, required } from './field-error.ts'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']

/** Which requests a webhook is asked about, or a policy judges. */
export function validateRuleWithOperations(field: string, rule: RuleWithOperations): Errors {
  const { operations: asked = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  const at = (name: string): string => child(field, name)
  return [
    ...unmixed(at('operations'), asked, 'operations'),
    ...asked.flatMap((one, place) =>
      operations.includes(one) ? [] : [notSupported(index(at('operations'), place), one, operations)],
    ),
    // The empty group is the core's.
    ...unmixed(at('apiGroups'), apiGroups, 'API groups'),
    ...unmixed(at('apiVersions'), apiVersions, 'API versions'),
    ...apiVersions.flatMap((one, place) => (one === '' ? [required(index(at('apiVersions'), place))] : [])),
    ...validateResources(at('resources'), resources),
    ...(isUnset(scope) || scopes.includes(scope) ? [] : [notSupported(at('scope'), scope, scopes)]),
  ]
}

/** '*' stands alone. */
function unmixed(field: string, items: readonly string[], what: string): Errors {
  if (items.length === 0) return [required(field)]
  const isMixed = items.length > 1 && items.includes('*')
  return isMixed ? [invalid(field, items, `if '*' is present, must not specify other ${what}`)] : []
}

function validateResources(field: string, resources: readonly string[]): Errors {
  if (resources.length === 0) return [required(field)]
  const isPlain = (one: string): boolean => one !== '' && !one.includes('/')
  // As the original: the last resource without a subresource decides.
  const lastPlain = resources.filter(isPlain).at(-1)
  const isMixed = resources.includes('*') && lastPlain !== undefined && lastPlain !== '*'
  return [
    ...wildcardErrors(field, resources),
    ...(resources.length > 1 && resources.includes('*/*')
      ? [invalid(field, resources, "if '*/*' is present, must not specify other resources")]
      : []),
    ...(isMixed
      ? [invalid(field, resources, "if '*' is present, must not specify other resources without subresources")]
      : []),
  ]
}

function wildcardErrors(field: string, resources: readonly string[]): Errors {
  const wholeResources = new Set<string>()
  const wholeSubresources = new Set<string>()
  return resources.flatMap((one, place) => {
    const where = index(field, place)
    if (one === '') return [required(where)]
    if (!one.includes('/')) return []
    const [resource = '', subresource = ''] = one.split(/\/(.*)/s)
    const errors = [
      ...(wholeResources.has(resource)
        ? [invalid(where, one, `if '${resource}/*' is present, must not specify ${one}`)]
        : []),
      ...(wholeSubresources.has(subresource)
        ? [invalid(where, one, `if '*/${subresource}' is present, must not specify ${one}`)]
        : []),
    ]
    if (subresource === '*') wholeResources.add(resource)
    if (resource === '*') wholeSubresources.add(subresource)
    return errors
  })
}
