import type { Namespace } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

const finalizer = 'kubernetes'

export const namespaceStrategy: Strategy = {
  /** Content is removed before the namespace: the finalizer stands for that. */
  deleteReturnsObject: true,
  prepareCreate(object) {
    const { spec } = object as Namespace
    const finalizers = spec?.finalizers ?? []
    const all = finalizers.includes(finalizer) ? finalizers : [...finalizers, finalizer]
    return { ...withNameLabel(object), spec: { ...spec, finalizers: all }, status: { phase: 'Active' } }
  },
  prepareUpdate(after, before) {
    const spec = after.spec as Namespace['spec']
    const { finalizers } = (before as Namespace).spec ?? {}
    return { ...withNameLabel(after), spec: finalizers === undefined ? spec : { ...spec, finalizers } }
  },
}

/** Every namespace carries its name as a label, whatever the client says. */
export function withNameLabel(object: ApiObject): ApiObject {
  const { labels, name = '' } = object.metadata
  if (labels?.['kubernetes.io/metadata.name'] === name) return object
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } } }
}
