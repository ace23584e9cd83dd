import type { Expr, MapEntry, StructField } from './ast.ts'
import type { Literal } from './value.ts'

/** Makes the nodes of one expression, each with an id of its own. */
export type NodeFactory = ReturnType<typeof nodeFactory>

type Fold = Readonly<{
  range: Expr
  iterVar: string
  iterVar2?: string
  accuVar: string
  accuInit: Expr
  condition: Expr
  step: Expr
  result: Expr
}>

export function nodeFactory() {
  let last = 0
  const place = (offset: number): Readonly<{ id: number; offset: number }> => ({ id: ++last, offset })
  return {
    literal: (offset: number, value: Literal): Expr => ({ ...place(offset), kind: 'literal', value }),
    ident: (offset: number, name: string): Expr => ({ ...place(offset), kind: 'ident', name }),
    select: (offset: number, operand: Expr, field: string, testOnly = false): Expr => ({
      ...place(offset),
      kind: 'select',
      operand,
      field,
      testOnly,
    }),
    call: (offset: number, name: string, args: readonly Expr[], target?: Expr): Expr => ({
      ...place(offset),
      kind: 'call',
      name,
      target,
      args,
    }),
    list: (offset: number, elements: readonly Expr[], optionals: ReadonlySet<number> = new Set()): Expr => ({
      ...place(offset),
      kind: 'list',
      elements,
      optionals,
    }),
    entry: (offset: number, key: Expr, value: Expr, optional: boolean): MapEntry => ({
      ...place(offset),
      key,
      value,
      optional,
    }),
    map: (offset: number, entries: readonly MapEntry[] = []): Expr => ({ ...place(offset), kind: 'map', entries }),
    field: (offset: number, name: string, value: Expr, optional: boolean): StructField => ({
      ...place(offset),
      name,
      value,
      optional,
    }),
    struct: (offset: number, typeName: string, fields: readonly StructField[]): Expr => ({
      ...place(offset),
      kind: 'struct',
      typeName,
      fields,
    }),
    fold: (offset: number, { iterVar2, ...fold }: Fold): Expr => ({
      ...place(offset),
      kind: 'comprehension',
      iterVar2,
      ...fold,
    }),
    broken: (offset: number): Expr => ({ ...place(offset), kind: 'broken' }),
    /** The same expression once more, with ids of its own. */
    copy: (expr: Expr): Expr => copyOf(expr, () => ++last),
  }
}

function copyOf(expr: Expr, nextId: () => number): Expr {
  const copy = (part: Expr): Expr => copyOf(part, nextId)
  const id = nextId()
  switch (expr.kind) {
    case 'select':
      return { ...expr, id, operand: copy(expr.operand) }
    case 'call':
      return { ...expr, id, target: expr.target && copy(expr.target), args: expr.args.map(copy) }
    case 'list':
      return { ...expr, id, elements: expr.elements.map(copy) }
    case 'map':
      return {
        ...expr,
        id,
        entries: expr.entries.map((e) => ({ ...e, id: nextId(), key: copy(e.key), value: copy(e.value) })),
      }
    case 'struct':
      return { ...expr, id, fields: expr.fields.map((f) => ({ ...f, id: nextId(), value: copy(f.value) })) }
    case 'comprehension':
      return {
        ...expr,
        id,
        range: copy(expr.range),
        accuInit: copy(expr.accuInit),
        condition: copy(expr.condition),
        step: copy(expr.step),
        result: copy(expr.result),
      }
    default:
      return { ...expr, id }
  }
}
