import type { ApiObject } from '../object.ts'

export type ColumnDefinition = Readonly<{
  name: string
  type: string
  format: string
  description: string
  /** 0: always shown; 1: with -o wide. */
  priority: number
}>

export type Cell = string | number | boolean | null

/** A row's conditions: that a pod is done. */
export type RowCondition = Readonly<{ type: string; status: string; reason: string; message: string }>

/** How one kind is shown: its columns, and its cells in their order. */
export type TableSpec = Readonly<{
  columns: readonly ColumnDefinition[]
  cells(object: ApiObject, nowMs: number): readonly Cell[]
  conditions?(object: ApiObject): readonly RowCondition[] | undefined
}>

/** Makes a spec whose functions see the kind's own type; objects come from the store, which holds nothing else under that kind. */
export function tableSpec<T>(
  columns: readonly ColumnDefinition[],
  cells: (object: T, nowMs: number) => readonly Cell[],
  conditions?: (object: T) => readonly RowCondition[] | undefined,
): TableSpec {
  return {
    columns,
    cells: (object, nowMs) => cells(object as unknown as T, nowMs),
    ...(conditions === undefined ? {} : { conditions: (object: ApiObject) => conditions(object as unknown as T) }),
  }
}

export function column(name: string, description: string, type = 'string'): ColumnDefinition {
  return { name, type, format: '', description, priority: 0 }
}

/** A column of -o wide. */
export function wideColumn(name: string, description: string): ColumnDefinition {
  return { ...column(name, description), priority: 1 }
}

export const nameColumn: ColumnDefinition = { ...column('Name', 'Name of the object.'), format: 'name' }
export const ageColumn = column('Age', 'How long ago the object was created.')

export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text
}

/** The first three of a list: 'a,b,c + 2 more...'. */
export function shortList(items: readonly string[], empty: string): string {
  const maxItems = 3
  if (items.length === 0) return empty
  const shown = items.slice(0, maxItems).join(',')
  return items.length > maxItems ? `${shown} + ${items.length - maxItems} more...` : shown
}
