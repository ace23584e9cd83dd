import { type FieldSelector, matchesFields, parseFieldSelector, supportFields } from '../../api/field-selector.ts'
import type { Kind } from '../../api/kinds.ts'
import { everything, matchesLabels, parseLabelSelector, type Selector } from '../../api/label-selector.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { judgedKind } from '../../api/versioning.ts'

/** Which objects of a kind a list, watch or delete of a collection is about. */
export type Selection = Readonly<{
  /** In whose form the objects are matched. */
  kind: Kind
  labels: Selector
  fields: FieldSelector
  /** Nothing is left out. */
  all: boolean
  /** The one name that the field selector allows; undefined: any. */
  name?: string
}>

export function selectionOf(kind: Kind, query: URLSearchParams, pathName = ''): Result<Selection, Refusal> {
  const labelText = query.get('labelSelector') ?? ''
  const labels = labelText === '' ? ok(everything) : parseLabelSelector(labelText)
  if (!labels.ok) return fail({ reason: 'BadRequest', message: labels.error })
  const fieldText = query.get('fieldSelector') ?? ''
  const parsed: Result<FieldSelector, string> = fieldText === '' ? ok([]) : parseFieldSelector(fieldText)
  const fields = parsed.ok ? supportFields(kind, parsed.value) : parsed
  if (!fields.ok) return fail({ reason: 'BadRequest', message: fields.error })
  const given = fields.value.find(({ field, negated }) => field === 'metadata.name' && !negated)?.value
  const name = pathName === '' ? given : pathName
  const all = labels.value.length === 0 && fields.value.length === 0 && name === undefined
  const selection = { kind: judgedKind(kind), labels: labels.value, fields: fields.value, all }
  return ok(name === undefined ? selection : { ...selection, name })
}

export function matches(selection: Selection, object: ApiObject): boolean {
  if (selection.all) return true
  return (
    (selection.name === undefined || object.metadata.name === selection.name) &&
    matchesLabels(selection.labels, object.metadata.labels) &&
    matchesFields(selection.kind, selection.fields, object)
  )
}
