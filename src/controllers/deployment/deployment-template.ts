import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'

export const templateHashLabel = 'pod-template-hash'

/** Letters that make no words: k8s.io/apimachinery rand.SafeEncodeString. */
const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'
const longestNameLength = 253
const encoder = new TextEncoder()
/** Templates are immutable, and compared on every look at their Deployment. */
const canonicalTexts = new WeakMap<object, string>()

/** The ReplicaSet that has the Deployment's template; of several the oldest. */
export function findNewReplicaSet(
  { spec }: Stored<Deployment>,
  byAge: readonly Stored<ReplicaSet>[],
): Stored<ReplicaSet> | undefined {
  const wanted = canonicalText(spec.template)
  return byAge.find((replicaSet) => replicaSet.spec.template && canonicalText(replicaSet.spec.template) === wanted)
}

/** The name depends on the template and on how many collisions there were: making it twice is finding it. */
export function newReplicaSetName(deployment: Stored<Deployment>): string {
  const hash = templateHash(deployment)
  return `${deployment.metadata.name.slice(0, longestNameLength - hash.length - 1)}-${hash}`
}

export type Templated = Readonly<{
  spec: Readonly<{ template: PodTemplateSpec }>
  status: Readonly<{ collisionCount?: number }>
}>

export function templateHash({ spec, status }: Templated): string {
  const { collisionCount } = status
  const text = canonicalText(spec.template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  return [...String(fnv1a32(encoder.encode(text)))]
    .map((digit) => safeLetters[digit.charCodeAt(0) % safeLetters.length])
    .join('')
}

/** The same text for templates that mean the same: keys sorted, what is null or an empty list left out, the hash label ignored. */
export function canonicalText(template: PodTemplateSpec): string {
  const known = canonicalTexts.get(template)
  if (known !== undefined) return known
  const { labels, ...metadata } = template.metadata ?? {}
  const { [templateHashLabel]: _, ...others } = labels ?? {}
  const text = JSON.stringify(canonical({ ...template, metadata: { ...metadata, labels: others } }))
  canonicalTexts.set(template, text)
  return text
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => !isNothing(each))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, canonical(each)]))
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

function fnv1a32(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
