import type { Node } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

export const nodeStrategy: Strategy = {
  /** Kubelets register with their status. */
  prepareCreate: withoutConfigSource,
  prepareUpdate: (after, before) =>
    (before as Node).spec?.configSource === undefined ? withoutConfigSource(after) : after,
}

/** What configures kubelets from afar is no more, and only kept where it is. */
function withoutConfigSource(node: ApiObject): ApiObject {
  const { spec } = node as Node
  if (spec?.configSource === undefined) return node
  const { configSource: _, ...rest } = spec
  return { ...node, spec: rest } as ApiObject
}
