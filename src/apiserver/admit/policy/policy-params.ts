import { assert } from '../../../api/assert.ts'
import { splitApiVersion } from '../../../api/define-kind.ts'
import type { ParamKind } from '../../../api/kinds.generated.ts'
import type { Kind } from '../../../api/kinds.ts'
import { matchesLabels, selectorFromObject } from '../../../api/label-selector.ts'
import type { ApiObject } from '../../../api/object.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Store } from '../../../store/store.ts'
import { scopePrefix, storeKey } from '../../resource.ts'
import type { Binding } from './policy-index.ts'

export type ParamParts = Readonly<{ store: Store; servedKinds(): readonly Kind[] }>

/** The kind of a policy's parameters; the error is that of a policy that cannot be used. */
export function paramKindOf(parts: ParamParts, { apiVersion = '', kind = '' }: ParamKind): Result<Kind, string> {
  const [group, version] = splitApiVersion(apiVersion)
  const found = parts.servedKinds().find((one) => one.group === group && one.version === version && one.kind === kind)
  if (found !== undefined) return ok(found)
  return fail(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`)
}

/** The parameters that a binding brings along, each for a judgement of its own; one that is absent where there are to be none. */
export function paramsOf(
  { store }: ParamParts,
  kind: Kind | undefined,
  { paramRef }: Binding,
  requestNamespace: string,
): Result<readonly (ApiObject | undefined)[], string> {
  if (kind === undefined || paramRef === undefined) return ok([undefined])
  const namespace = kind.namespaced ? paramRef.namespace || requestNamespace : ''
  if (kind.namespaced && namespace === '') {
    return fail('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
  }
  if (paramRef.namespace && !kind.namespaced) {
    return fail('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  }
  const found = named(store, kind, namespace, paramRef)
  if (!found.ok || found.value.length > 0 || paramRef.parameterNotFoundAction !== 'Deny') return found
  return fail('no params found for policy binding with `Deny` parameterNotFoundAction')
}

function named(
  store: Store,
  kind: Kind,
  namespace: string,
  { name = '', selector }: NonNullable<Binding['paramRef']>,
): Result<readonly ApiObject[], string> {
  if (name !== '') {
    if (selector !== undefined) return fail('paramRef.name and paramRef.selector are mutually exclusive')
    const entry = store.get(storeKey(kind, namespace, name))
    return ok(entry === undefined ? [] : [entry.object])
  }
  if (selector === undefined) return fail('one of name or selector must be provided')
  const parsed = selectorFromObject(selector)
  if (!parsed.ok) return parsed
  const all = store.range({ prefix: scopePrefix(kind, namespace) })
  assert(all.ok, 'the newest state can always be read')
  const objects = all.value.entries.map(({ object }) => object)
  return ok(objects.filter(({ metadata }) => matchesLabels(parsed.value, metadata.labels)))
}
