/**
 * Protobuf messages of gRPC services as data: fields by their numbers, in version 3 of the language. What TypeScript knows of a message is
 * inferred from it.
 */

type ScalarValues = Readonly<{
  string: string
  bool: boolean
  bytes: Uint8Array
  int32: number
  uint32: number
  /** Beyond 2^53 the nearest that a number can be: times in nanoseconds are exact to 256. */
  int64: number
  uint64: number
  double: number
}>
export type Scalar = keyof ScalarValues

/** By their names; each name's number is its place, and the first stands for what is absent or not known. */
export type RpcEnum<Name extends string = string> = Readonly<{ type: 'enum'; names: readonly [Name, ...Name[]] }>
export type RpcList<Item extends RpcItem = RpcItem> = Readonly<{ type: 'list'; of: Item }>
/** Keys are strings. */
export type RpcMap<Value extends RpcItem = RpcItem> = Readonly<{ type: 'map'; of: Value }>
/** A scalar that may be absent, or stands in a `oneof`. */
export type RpcOptional<Item extends Scalar = Scalar> = Readonly<{ type: 'optional'; of: Item }>
export type RpcItem = Scalar | RpcEnum | RpcMessage
export type RpcType = RpcItem | RpcList | RpcMap | RpcOptional
export type RpcFields = Readonly<Record<string, readonly [number: number, type: RpcType]>>
export type RpcMessage<Fields extends RpcFields = RpcFields> = Readonly<{
  type: 'message'
  name: string
  fields: Fields
}>

export function message<const Fields extends RpcFields>(name: string, fields: Fields): RpcMessage<Fields> {
  return { type: 'message', name, fields }
}

export function enumOf<const Names extends readonly [string, ...string[]]>(...names: Names): RpcEnum<Names[number]> {
  return { type: 'enum', names }
}

export function list<const Item extends RpcItem>(of: Item): RpcList<Item> {
  return { type: 'list', of }
}

export function map<const Value extends RpcItem>(of: Value): RpcMap<Value> {
  return { type: 'map', of }
}

export function optional<const Item extends Scalar>(of: Item): RpcOptional<Item> {
  return { type: 'optional', of }
}

type ReceivedItem<Type> = Type extends Scalar
  ? ScalarValues[Type]
  : Type extends RpcEnum<infer Name>
    ? Name
    : Type extends RpcMessage
      ? Received<Type>
      : never

type ReceivedField<Type> =
  Type extends RpcList<infer Item>
    ? readonly ReceivedItem<Item>[]
    : Type extends RpcMap<infer Value>
      ? Readonly<Record<string, ReceivedItem<Value>>>
      : Type extends RpcOptional<infer Item>
        ? ScalarValues[Item] | undefined
        : Type extends RpcMessage
          ? Received<Type> | undefined
          : ReceivedItem<Type>

/** What a message is once it was read: every field is there; absent ones are zero, empty, or undefined for messages and optional scalars. */
export type Received<Message extends RpcMessage> = Readonly<{
  [Name in keyof Message['fields']]: ReceivedField<Message['fields'][Name][1]>
}>

type SentItem<Type> = Type extends RpcMessage ? Sent<Type> : ReceivedItem<Type>

type SentField<Type> =
  Type extends RpcList<infer Item>
    ? readonly SentItem<Item>[]
    : Type extends RpcMap<infer Value>
      ? Readonly<Record<string, SentItem<Value>>>
      : Type extends RpcOptional<infer Item>
        ? ScalarValues[Item]
        : SentItem<Type>

/** What is needed to write one: any field may be absent. */
export type Sent<Message extends RpcMessage> = Readonly<{
  [Name in keyof Message['fields']]?: SentField<Message['fields'][Name][1]> | undefined
}>
