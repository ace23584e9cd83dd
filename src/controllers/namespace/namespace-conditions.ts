import type { NamespaceCondition } from '../../api/kinds.generated.ts'
import type { Kind } from '../../api/kinds.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Content } from './namespace.ts'

type Said = Readonly<{ status: string; reason: string; message: string }>

/** What each condition says while nothing is wrong, in the order in which they are written. */
const quiet: Readonly<Record<string, Said>> = {
  NamespaceDeletionDiscoveryFailure: no('ResourcesDiscovered', 'All resources successfully discovered'),
  NamespaceDeletionGroupVersionParsingFailure: no('ParsedGroupVersions', 'All legacy kube types successfully parsed'),
  NamespaceDeletionContentFailure: no(
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ),
  NamespaceContentRemaining: no('ContentRemoved', 'All content successfully removed'),
  NamespaceFinalizersRemaining: no('ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
}

function no(reason: string, message: string): Said {
  return { status: 'False', reason, message }
}

/** The conditions of a namespace with this content left; the known ones themselves where nothing has changed. */
export function namespaceConditions(
  known: readonly NamespaceCondition[],
  content: readonly Content[],
  nowMs: number,
): readonly NamespaceCondition[] {
  const said = { ...quiet, ...failure(content), ...remaining(content), ...finalizers(content) }
  let conditions = known
  for (const [type, next] of Object.entries(said)) {
    const before = conditions.find((each) => each.type === type)
    if (before?.status === next.status && before.reason === next.reason && before.message === next.message) continue
    const at = before?.status === next.status ? before.lastTransitionTime : timestampOf(nowMs)
    const condition = { type, ...next, ...(at === undefined ? {} : { lastTransitionTime: at }) }
    conditions = before ? conditions.map((each) => (each === before ? condition : each)) : [...conditions, condition]
  }
  return conditions
}

function failure(content: readonly Content[]): Readonly<Record<string, Said>> {
  const errors = content.flatMap(({ error }) => error ?? []).sort()
  if (errors.length === 0) return {}
  const message = `Failed to delete all resource types, ${errors.length} remaining: ${errors.join(', ')}`
  return { NamespaceDeletionContentFailure: { status: 'True', reason: 'ContentDeletionFailed', message } }
}

function remaining(content: readonly Content[]): Readonly<Record<string, Said>> {
  const parts = content
    .filter(({ objects }) => objects.length > 0)
    .map(({ kind, objects }) => `${dotted(kind)} has ${objects.length} resource instances`)
    .sort()
  if (parts.length === 0) return {}
  const message = `Some resources are remaining: ${parts.join(', ')}`
  return { NamespaceContentRemaining: { status: 'True', reason: 'SomeResourcesRemain', message } }
}

function finalizers(content: readonly Content[]): Readonly<Record<string, Said>> {
  const counts = new Map<string, number>()
  for (const { objects } of content) {
    for (const finalizer of objects.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1)
    }
  }
  if (counts.size === 0) return {}
  const parts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort()
  const message = `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`
  return { NamespaceFinalizersRemaining: { status: 'True', reason: 'SomeFinalizersRemain', message } }
}

/** 'deployments.apps', and 'pods.' with its dot, as the original words it. */
function dotted({ plural, group }: Kind): string {
  return `${plural}.${group}`
}
