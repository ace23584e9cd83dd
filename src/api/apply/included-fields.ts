import { groupResource, type Kind } from '../kinds.ts'
import { emptySet, type FieldSet, isEmptySet, isMember, nodeOf } from './field-set.ts'
import { type PathElement, selfMark } from './path-element.ts'

/** true: everything beneath. '*' stands for any element. */
type Pattern = true | Readonly<{ [element: string]: Pattern }>

const resizable: Pattern = { '*': { 'f:resources': true, 'f:resizePolicy': true } }

/** Subresources that can change but a few fields (GetResetFieldsFilter of Kubernetes 1.36's strategies). */
const patterns: ReadonlyMap<string, Pattern> = new Map<string, Pattern>([
  ['pods/ephemeralcontainers', { 'f:spec': { 'f:ephemeralContainers': true } }],
  ['pods/resize', { 'f:spec': { 'f:containers': resizable, 'f:initContainers': resizable } }],
  // A Scale has but replicas to set.
  ['deployments.apps/scale', { 'f:spec': { 'f:replicas': true } }],
  ['replicasets.apps/scale', { 'f:spec': { 'f:replicas': true } }],
])

/** The part of a set that a request through the subresource can have changed. */
export function includedFields(
  kind: Pick<Kind, 'group' | 'plural'>,
  subresource: string | undefined,
  set: FieldSet,
): FieldSet {
  if (subresource === undefined) return set
  const pattern = patterns.get(`${groupResource(kind)}/${subresource}`)
  return pattern === undefined ? set : matching(set, pattern)
}

function matching(set: FieldSet, pattern: Pattern): FieldSet {
  if (pattern === true) return set
  const kept: Record<PathElement, FieldSet> = {}
  for (const element in set) {
    const inner = pattern[element] ?? pattern['*']
    const node = set[element] ?? emptySet
    if (element === selfMark || inner === undefined) continue
    const rest = isEmptySet(node) || inner === true ? node : nodeOf(isMember(node), withoutSelf(matching(node, inner)))
    if (rest !== undefined) kept[element] = rest
  }
  return kept
}

function withoutSelf({ [selfMark]: _, ...children }: FieldSet): FieldSet {
  return children
}
