import type { Pod, PodTemplateSpec } from '../api/kinds.generated.ts'
import type { Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import type { Draft } from '../client/client.ts'
import { controllerRef } from './owner.ts'

/** A pod of an owner's, named by the server after the owner. */
export function podFromTemplate<T>(kind: Kind<T>, owner: Stored<T>, template: PodTemplateSpec = {}): Draft<Pod> {
  const { metadata = {}, spec } = template
  const { labels, annotations, finalizers } = metadata
  const own = owner as Stored<unknown>
  return {
    metadata: {
      generateName: `${own.metadata.name}-`,
      namespace: own.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerRef(kind, owner)],
    },
    ...(spec === undefined ? {} : { spec }),
  }
}
