import type { ObjectMeta } from '../api/kinds.generated.ts'
import type { ApiObject } from '../api/object.ts'
import { uidOf } from '../api/uid.ts'
import { withFields } from '../api/with-fields.ts'
import type { Random } from '../ports/random.ts'

const order = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const satisfies readonly (keyof ObjectMeta)[]

/** In the order in which Kubernetes writes them; what is unset, empty or unknown is left out. */
export function orderedMeta(meta: ObjectMeta): ObjectMeta {
  const ordered: Record<string, unknown> = {}
  for (const key of order) {
    const value = meta[key]
    if (value !== undefined && value !== null && value !== '') ordered[key] = value
  }
  return ordered
}

export function withMeta(object: ApiObject, changes: Partial<ObjectMeta>): ApiObject {
  return { ...object, metadata: withFields(object.metadata, changes) }
}

/** The object under the revision that the store has just given it, its fields in the stored order. */
export function stamped(object: ApiObject, revision: number): ApiObject {
  const metadata = orderedMeta(withFields(object.metadata, { resourceVersion: String(revision) }))
  const { kind, apiVersion, metadata: _, ...rest } = object
  return { kind, apiVersion, metadata, ...rest }
}

/** A random UUID (version 4). */
export function newUid(random: Random): string {
  return uidOf(random.bytes(16))
}

/** No vowels, no look-alikes: k8s.io/apimachinery/pkg/util/rand. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longestName = 63

export function randomSuffix(random: Random): string {
  let suffix = ''
  for (let at = 0; at < suffixLength; at++) suffix += alphabet[random.below(alphabet.length)]
  return suffix
}

/** A name from generateName: cut so that it stays a label value. */
export function generatedName(prefix: string, random: Random): string {
  return prefix.slice(0, longestName - suffixLength) + randomSuffix(random)
}
