import type { ObjectMeta, OwnerReference } from '../api/kinds.generated.ts'
import { apiVersionOf, type Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'

/** The owner reference that says who manages an object; at most one does. */
export function controllerOf({ metadata }: Readonly<{ metadata: ObjectMeta }>): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller)
}

/** metav1.NewControllerRef. */
export function controllerRef<T>(kind: Kind<T>, { metadata }: Stored<T>): OwnerReference {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** The key of the object's controller where that is of the kind: [] or one key. */
export function controllerKeys(object: Readonly<{ metadata: ObjectMeta }>, kind: Kind): readonly string[] {
  const owner = controllerOf(object)
  if (owner === undefined || owner.kind !== kind.kind || owner.apiVersion !== apiVersionOf(kind)) return []
  return [kind.namespaced ? `${object.metadata.namespace}/${owner.name}` : owner.name]
}

/** Of objects that name the owner those that it manages. */
export function controlledBy<T extends Readonly<{ metadata: ObjectMeta }>>(
  objects: readonly T[],
  uid: string,
): readonly T[] {
  return objects.filter((object) => controllerOf(object)?.uid === uid)
}
