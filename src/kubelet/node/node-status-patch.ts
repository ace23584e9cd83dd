import { equalJson } from '../../api/json-value.ts'
import type { NodeStatus } from '../../api/kinds.generated.ts'

type Fields = Readonly<Record<string, unknown>>

/** What the API merges key by key: a key that is gone must be named. */
const amounts = new Set(['capacity', 'allocatable'])

/**
 * The strategic merge patch that turns one status into the other. Fields that do not differ are left out: others write this status, too
 * (which volumes are attached).
 */
export function nodeStatusPatch(before: NodeStatus, after: NodeStatus): Fields {
  const [old, next] = [before as Fields, after as Fields]
  const changes: Record<string, unknown> = {}
  for (const field of new Set([...Object.keys(old), ...Object.keys(next)]))
    if (!equalJson(old[field], next[field])) changes[field] = changed(field, old[field], next[field])
  return changes
}

function changed(field: string, before: unknown, after: unknown): unknown {
  if (after === undefined) return null
  if (amounts.has(field)) {
    const gone = Object.keys((before ?? {}) as Fields).filter((name) => !(name in (after as Fields)))
    return { ...(after as Fields), ...Object.fromEntries(gone.map((name) => [name, null])) }
  }
  // Addresses merge by their type; the node's are these and no others.
  return field === 'addresses' ? [...(after as readonly unknown[]), { $patch: 'replace' }] : after
}
