/** Columns of custom resources: apiextensions-apiserver's tableconvertor. */
import { isJsonList, isJsonObject } from '../json-value.ts'
import type { CustomResourceColumnDefinition } from '../kinds.generated.ts'
import type { ApiObject } from '../object.ts'
import { humanAge } from '../table/human-duration.ts'
import { type Cell, type ColumnDefinition, nameColumn, type TableSpec } from '../table/table-spec.ts'
import { parseTime } from '../wire-time.ts'
import { goJson } from './go-json.ts'
import { parseJsonPath } from './json-path.ts'

const age: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description: 'When the object was created.',
  jsonPath: '.metadata.creationTimestamp',
}

export function customColumns(defined: readonly CustomResourceColumnDefinition[]): TableSpec {
  const columns = (defined.length === 0 ? [age] : defined).map((one) => ({ one, path: parseJsonPath(one.jsonPath) }))
  return {
    columns: [nameColumn, ...columns.map(({ one }) => columnOf(one))],
    cells: (object: ApiObject, nowMs) => [
      object.metadata.name ?? '',
      ...columns.map(({ one, path }) => cellOf(one.type, path?.(object) ?? [], nowMs)),
    ],
  }
}

function columnOf({
  name,
  type,
  format = '',
  description = '',
  priority = 0,
  jsonPath,
}: CustomResourceColumnDefinition) {
  const told = description === '' ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description
  return { name, type, format, description: told, priority } satisfies ColumnDefinition
}

/** The first value found, in the form of the column's type; null where it has none. */
function cellOf(type: string, [value]: readonly unknown[], nowMs: number): Cell {
  if (value === undefined) return null
  switch (type) {
    case 'string':
      return textOf(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? dateCell(value, nowMs) : null
    default:
      return null
  }
}

function textOf(value: unknown): string {
  if (value === null) return 'null'
  return isJsonList(value) || isJsonObject(value) ? goJson(value) : String(value)
}

function dateCell(text: string, nowMs: number): string {
  const time = parseTime(text)
  if (!time.ok) return '<invalid>'
  return humanAge(time.value, nowMs)
}
