/**
 * Reads JSON into the shape of a type: what Go's decoder makes of the same text and its encoder then writes. Unknown fields are left out
 * and noted, wrong types refused, empty values dropped or written as the field's presence says.
 */
import { assert } from './assert.ts'
import { decodeScalar, isObjectValue, isWrongKind, refuseKind, type WrongKind } from './decode-scalar.ts'
import { membersOf } from './json-text.ts'
import { setValue } from './json-value.ts'
import type { FieldSchema, FieldType, TypeSchema } from './schema.ts'
import { emptyValue, goTypeOf, schema } from './schema-reader.ts'

/** Stops a walk: the message as Go words it. */
export class DecodeError extends Error {}

/** kubernetes' decoder stops counting here. */
const maxStrictErrors = 100

export type Walk = {
  /** Where the walk stands: a field, a map's key, a list's index. */
  readonly steps: (FieldSchema | string | number)[]
  readonly unknownFields: Set<string>
  readonly duplicateFields: Set<string>
  /** Both of the above in the order of the text: 'unknown field "spec.foo"'. */
  readonly strictErrors: Set<string>
  /** The struct whose field is being read. */
  owner: string
}

export function newWalk(): Walk {
  return { steps: [], unknownFields: new Set(), duplicateFields: new Set(), strictErrors: new Set(), owner: '' }
}

type Plan = Readonly<{ type: TypeSchema; fields: ReadonlyMap<string, FieldSchema>; always: readonly FieldSchema[] }>
const plans = new Map<string, Plan>()

function planOf(name: string): Plan {
  const known = plans.get(name)
  if (known !== undefined) return known
  const type = schema.typeOf(name)
  const always = [...type.fields.values()].filter((field) => field.presence === 'always')
  const plan = { type, fields: type.fields, always }
  plans.set(name, plan)
  return plan
}

/** A struct of the named type. `value` is an object, plain or as JsonMembers. */
export function readStruct(name: string, value: object, walk: Walk): Record<string, unknown> {
  const plan = planOf(name)
  const owner = walk.owner
  walk.owner = name
  const struct: Record<string, unknown> = {}
  const members = membersOf(value)
  if (members === undefined) readPlainFields(plan, value as Readonly<Record<string, unknown>>, struct, walk)
  else readMembers(plan, members, struct, walk)
  for (const field of plan.always) {
    if (struct[field.name] === undefined) struct[field.name] = emptyField(field.type, walk)
  }
  walk.owner = owner
  return struct
}

function readPlainFields(
  plan: Plan,
  value: Readonly<Record<string, unknown>>,
  struct: Record<string, unknown>,
  walk: Walk,
): void {
  for (const key of Object.keys(value)) {
    const field = plan.fields.get(key)
    if (field === undefined) noteStrict('unknown', key, walk)
    else readField(field, value[key], struct, walk)
  }
}

function readMembers(
  plan: Plan,
  members: readonly (readonly [string, unknown])[],
  struct: Record<string, unknown>,
  walk: Walk,
): void {
  const seen = new Set<string>()
  for (const [key, item] of members) {
    const field = plan.fields.get(key)
    if (field === undefined) noteStrict('unknown', key, walk)
    else {
      if (seen.has(key)) noteStrict('duplicate', key, walk)
      seen.add(key)
      const before = struct[key]
      readField(field, item, struct, walk)
      // Go reads a repeated field into what the first one left.
      if (field.type.type === 'map' || field.type.type === 'object') mergeRepeated(struct, key, before)
    }
  }
}

function mergeRepeated(struct: Record<string, unknown>, key: string, before: unknown): void {
  const after = struct[key]
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return
  struct[key] = { ...before, ...after }
}

function readField(field: FieldSchema, value: unknown, struct: Record<string, unknown>, walk: Walk): void {
  if (value === null || value === undefined) return
  walk.steps.push(field)
  const read = readType(field.type, value, walk)
  walk.steps.pop()
  // A list that is always written is an empty one or none, as it was given.
  const isGivenEmpty = field.presence === 'always' && field.type.type === 'list' && read !== null
  // A pointer keeps what it points to; but Go has no pointers to lists and maps, and stores empty ones as none.
  if (field.presence !== 'pointer' ? !isGivenEmpty && isEmpty(read, field.type) : read === null) return
  struct[field.name] = read
}

/** True for the values that omitempty leaves out; a struct is never empty. */
function isEmpty(value: unknown, type: FieldType): boolean {
  if (type.type === 'scalar') return value === null || value === '' || value === 0 || value === false
  if (type.type === 'list') return (value as readonly unknown[]).length === 0
  if (type.type === 'object') return false
  for (const _ in value as object) return false
  return true
}

function readType(type: FieldType, value: unknown, walk: Walk): unknown {
  switch (type.type) {
    case 'scalar': {
      const read = decodeScalar(type.scalar, value)
      if (isWrongKind(read)) throw wrongKind(read, walk)
      return read
    }
    case 'object':
      if (!isObjectValue(value)) throw wrongKind(refuseKind(value), walk)
      return readStruct(type.ref, value, walk)
    case 'list':
      return readList(type.of, value, walk)
    case 'map':
      return readMap(type.of, value, walk)
  }
}

function readList(of: FieldType, value: unknown, walk: Walk): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongKind(refuseKind(value), walk)
  return value.map((item, index) => {
    if (item === null || item === undefined) return emptyItem(of, walk)
    walk.steps.push(index)
    const read = readType(of, item, walk)
    walk.steps.pop()
    return read ?? emptyItem(of, walk)
  })
}

function readMap(of: FieldType, value: unknown, walk: Walk): Record<string, unknown> {
  if (!isObjectValue(value)) throw wrongKind(refuseKind(value), walk)
  const map: Record<string, unknown> = {}
  const members = membersOf(value)
  for (const [key, item] of members ?? Object.entries(value)) {
    if (members !== undefined && Object.hasOwn(map, key)) noteStrict('duplicate', key, walk)
    walk.steps.push(key)
    const read = item === null || item === undefined ? null : readType(of, item, walk)
    walk.steps.pop()
    setValue(map, key, read ?? emptyItem(of, walk))
  }
  return map
}

/** What Go writes where nothing was given: the zero value, structs with their own always-written fields. */
function emptyField(type: FieldType, walk: Walk): unknown {
  if (type.type === 'object') return readStruct(type.ref, {}, walk)
  return emptyValue(type)
}

/** As emptyField, within a list or a map: no bytes there are empty bytes. */
function emptyItem(type: FieldType, walk: Walk): unknown {
  return type.type === 'scalar' && type.scalar === 'bytes' ? '' : emptyField(type, walk)
}

function noteStrict(kind: 'unknown' | 'duplicate', key: string, walk: Walk): void {
  if (walk.strictErrors.size >= maxStrictErrors) return
  const path = strictPath(walk.steps, key)
  if (kind === 'unknown') walk.unknownFields.add(path)
  else walk.duplicateFields.add(path)
  walk.strictErrors.add(`${kind} field "${path}"`)
}

/** 'spec.containers[0].foo'. */
function strictPath(steps: Walk['steps'], key: string): string {
  let path = ''
  for (const step of [...steps, key]) {
    if (typeof step === 'number') path += `[${step}]`
    else path += `${path === '' ? '' : '.'}${typeof step === 'string' ? step : step.name}`
  }
  return path
}

/** encoding/json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container. */
function wrongKind(wrong: WrongKind, walk: Walk): DecodeError {
  if (wrong.message !== undefined) return new DecodeError(wrong.message)
  const fields = walk.steps.filter((step) => typeof step === 'object')
  const path = fields.flatMap(({ embeddedIn, name }) => (embeddedIn === undefined ? [name] : [embeddedIn, name]))
  const owner = walk.owner.slice(walk.owner.lastIndexOf('.') + 1)
  const literal = wrong.literal === undefined ? '' : ` ${wrong.literal}`
  const type = wrong.expected ?? expectedGoType(walk)
  return new DecodeError(
    `json: cannot unmarshal ${wrong.kind}${literal} into Go struct field ${owner}.${path.join('.')} of type ${type}`,
  )
}

/** The Go type at the walk's end: the field's own, or that of an item however deep within its lists and maps. */
function expectedGoType(walk: Walk): string {
  const at = walk.steps.findLastIndex((step) => typeof step === 'object')
  const field = walk.steps[at]
  assert(typeof field === 'object', 'a wrong type is found within a field')
  let { type, goType } = field
  for (let depth = at + 1; depth < walk.steps.length; depth += 1) {
    if (type.type !== 'list' && type.type !== 'map') break
    const inner = /^(?:\[\]|map\[\w+\])(.*)$/.exec(goType)?.[1]
    goType = inner ?? goTypeOf(type.of)
    type = type.of
  }
  return goType
}
