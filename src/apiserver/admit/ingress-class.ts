import type { Ingress } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { ok } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { kindPrefix } from '../resource.ts'
import type { Plugin } from './admission.ts'

const classAnnotation = 'kubernetes.io/ingress.class'
const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class'

/** DefaultIngressClass: a new Ingress that names no class gets the default one, the newest where there are several. */
export function defaultIngressClass(store: Store): Plugin {
  return {
    mutate({ kind, operation, subresource }, object) {
      const isNew = operation === 'CREATE' && subresource === undefined
      if (kind.typeName !== kinds.ingresses.typeName || !isNew) return ok(object)
      const { spec } = object as Ingress
      const isAnnotated = object.metadata.annotations?.[classAnnotation] !== undefined
      if (spec?.ingressClassName !== undefined || isAnnotated) return ok(object)
      const name = defaultClass(store)
      return ok(name === undefined ? object : { ...object, spec: { ...spec, ingressClassName: name } })
    },
  }
}

function defaultClass(store: Store): string | undefined {
  const listed = store.range({ prefix: kindPrefix(kinds.ingressClasses) })
  if (!listed.ok) return undefined
  const defaults = listed.value.entries
    .map(({ object }) => object)
    .filter(({ metadata }) => metadata.annotations?.[defaultAnnotation] === 'true')
  return defaults.sort(newestFirst)[0]?.metadata.name
}

function newestFirst({ metadata: a }: ApiObject, { metadata: b }: ApiObject): number {
  const [left = '', right = ''] = [a.creationTimestamp, b.creationTimestamp]
  if (left !== right) return left > right ? -1 : 1
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1
}
