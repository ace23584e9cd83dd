import type { ManagedFieldsEntry } from '../kinds.generated.ts'
import type { Refusal } from '../refusal.ts'
import { emptySet, type FieldSet, intersection, isEmptySet, pathsOf, pathText } from './field-set.ts'
import type { Managers } from './managed-fields.ts'
import type { ChangesIn } from './other-versions.ts'

/** Fields that an apply would change, but another manager owns. */
export type Conflict = Readonly<{ entry: ManagedFieldsEntry; set: FieldSet }>

export function conflictsOf(managers: Managers, changes: ChangesIn): readonly Conflict[] {
  return [...managers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { entry, set }]) => ({
      entry,
      set: intersection(set, changes(entry.apiVersion ?? '')?.changed ?? emptySet),
    }))
    .filter(({ set }) => !isEmptySet(set))
}

/** One cause for each field and manager: 'conflict with "kubectl" using apps/v1'. */
export function conflictRefusal(conflicts: readonly Conflict[]): Refusal {
  const causes = conflicts.flatMap(({ entry, set }) =>
    pathsOf(set).map((path) => ({ field: pathText(path), message: `conflict with ${managerText(entry)}` })),
  )
  return { reason: 'ApplyConflict', causes }
}

function managerText({ manager = '', operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const through =
    subresource === undefined || subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  return `${JSON.stringify(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}
