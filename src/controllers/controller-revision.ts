import type { ControllerRevision, PodTemplateSpec } from '../api/kinds.generated.ts'
import { type Kind, kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { type Action, create, remove, targetOf, update } from './action.ts'
import { canonicalText, type Templated, templateHash } from './deployment/deployment-template.ts'
import { controllerRef } from './owner.ts'

export const revisionHashLabel = 'controller-revision-hash'

type Revision = Stored<ControllerRevision>

export type Revisions = Readonly<{
  /** The hash that pods of the newest template bear. */
  hash: string
  /** Another template has taken the name: the owner has to count a collision, and try again. */
  collides: boolean
  current?: Revision
  old: readonly Revision[]
  actions: readonly Action[]
}>

/** As Go writes a map: clients tell by the very bytes whether a revision is that of their template. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** The template as a patch of its owner, by which `kubectl rollout undo` goes back. */
function dataOf(template: PodTemplateSpec): object {
  return sorted({ spec: { template: { ...template, $patch: 'replace' } } }) as object
}

function isRevisionOf({ data }: Revision, template: PodTemplateSpec): boolean {
  const known = (
    data as Partial<ReturnType<typeof dataOf>> & { spec?: { template?: PodTemplateSpec & { $patch?: string } } }
  ).spec
  if (known?.template === undefined) return false
  const { $patch: _, ...rest } = known.template
  return canonicalText(rest) === canonicalText(template)
}

/**
 * The history of an owner's templates: one ControllerRevision each, the newest with the highest number. Going back to a template gives
 * its revision a new number.
 */
export function revisionsOf<T>(
  kind: Kind<T>,
  owner: Stored<T> & Templated,
  known: readonly Revision[],
  hashLabel = revisionHashLabel,
): Revisions {
  const { template } = owner.spec
  const newest = known.reduce((highest, { revision }) => Math.max(highest, revision), 0)
  const same = known.filter((each) => isRevisionOf(each, template)).sort((a, b) => b.revision - a.revision)
  const [current] = same
  const old = known.filter((each) => each !== current)
  const hash = current?.metadata.labels?.[hashLabel] ?? templateHash(owner)
  if (current !== undefined) {
    const isNewest = current.revision >= newest
    const actions = isNewest ? [] : [update(kinds.controllerRevisions, { ...current, revision: newest + 1 })]
    return { hash, collides: false, current, old, actions }
  }
  const name = `${owner.metadata.name}-${hash}`
  if (known.some(({ metadata }) => metadata.name === name)) return { hash, collides: true, old, actions: [] }
  const draft = {
    metadata: {
      name,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata.annotations === undefined ? {} : { annotations: owner.metadata.annotations }),
      ownerReferences: [controllerRef(kind, owner)],
    },
    data: dataOf(template),
    revision: newest + 1,
  }
  return { hash, collides: false, old, actions: [create(kinds.controllerRevisions, draft)] }
}

/** The oldest beyond the limit go, unless a pod still is of them. */
export function trimRevisions({ old }: Revisions, limit: number, hashesInUse: ReadonlySet<string>): readonly Action[] {
  const unused = old.filter(({ metadata }) => !hashesInUse.has(metadata.labels?.[revisionHashLabel] ?? ''))
  const surplus = Math.min(unused.length, Math.max(0, old.length - limit))
  const byAge = [...unused].sort((a, b) => a.revision - b.revision)
  return byAge.slice(0, surplus).map((each) => remove(targetOf(kinds.controllerRevisions, each)))
}
