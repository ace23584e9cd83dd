import type { RpcMessage, RpcType } from './message.ts'

export type RpcField = Readonly<{ name: string; number: number; type: RpcType }>

/** A message's fields as the wire wants them. */
type FieldIndex = Readonly<{
  /** Highest number first: messages are written from their end. */
  descending: readonly RpcField[]
  /** In the order of the table. */
  byNumber: ReadonlyMap<number, RpcField>
}>

/** Messages are constants, so each is indexed once. */
const indexes = new WeakMap<RpcMessage, FieldIndex>()

export function fieldIndexOf(message: RpcMessage): FieldIndex {
  const known = indexes.get(message)
  if (known !== undefined) return known
  const fields = Object.entries(message.fields).map(([name, [number, type]]) => ({ name, number, type }))
  const index: FieldIndex = {
    descending: fields.toSorted((a, b) => b.number - a.number),
    byNumber: new Map(fields.map((field) => [field.number, field])),
  }
  indexes.set(message, index)
  return index
}
