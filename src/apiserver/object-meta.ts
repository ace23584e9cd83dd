import type { ObjectMeta } from '../api/kinds.generated.ts'
import type { ApiObject } from '../api/object.ts'
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
  return { ...object, metadata: { ...object.metadata, ...changes } }
}

/** The object under the revision that the store has just given it, its fields in the stored order. */
export function stamped(object: ApiObject, revision: number): ApiObject {
  const metadata = orderedMeta({ ...object.metadata, resourceVersion: String(revision) })
  const { kind, apiVersion, metadata: _, ...rest } = object
  return { kind, apiVersion, metadata, ...rest }
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A random UUID (version 4). */
export function newUid(random: Random): string {
  const bytes = random.bytes(16)
  let uid = ''
  for (let at = 0; at < bytes.length; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) uid += '-'
    const byte = bytes[at] ?? 0
    uid += hex[at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte]
  }
  return uid
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
