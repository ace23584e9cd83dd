import { encodeBase64 } from '../../api/base64.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { TypeProvider } from '../checker.ts'
import { equal } from '../equality.ts'
import { formatDuration, formatTimestamp } from '../moment.ts'
import type { Construct } from '../program.ts'
import { dynType, stringType, structType } from '../type.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  type CelObject,
  CelOptional,
  CelTimestamp,
  CelUint,
  itemsOf,
  type Outcome,
  type Value,
} from '../value.ts'

/** The values that expressions of mutations make: Object{…}, with types named after their path, and JSONPatch{…}. */
export class MadeObject implements CelObject {
  readonly celType
  readonly fields: ReadonlyMap<string, Value>
  constructor(typeName: string, fields: ReadonlyMap<string, Value>) {
    this.celType = structType(typeName)
    this.fields = fields
  }
  field(name: string): Value | undefined {
    return this.fields.get(name)
  }
  isZero(): boolean {
    return this.fields.size === 0
  }
  equals(other: Value): boolean {
    if (!(other instanceof MadeObject) || other.celType.name !== this.celType.name) return false
    if (other.fields.size !== this.fields.size) return false
    return [...this.fields].every(([name, value]) => {
      const theirs = other.fields.get(name)
      return theirs !== undefined && equal(value, theirs)
    })
  }
}

const patchFields = { op: stringType, path: stringType, from: stringType, value: dynType }

export const patchProvider: TypeProvider = {
  hasStruct: (name) => name === 'JSONPatch' || name === 'Object' || name.startsWith('Object.'),
  fieldType: (struct, field) => (struct !== 'JSONPatch' ? dynType : patchFields[field as keyof typeof patchFields]),
}

export const constructPatch: Construct = (typeName, fields): Outcome => {
  if (!patchProvider.hasStruct(typeName)) return new CelError(`unknown type: ${typeName}`)
  for (const name of typeName === 'JSONPatch' ? ['op', 'path', 'from'] : []) {
    const value = fields.get(name)
    if (value !== undefined && typeof value !== 'string') {
      return new CelError(`unexpected type for JSONPatchType '${name}' field`)
    }
  }
  return new MadeObject(typeName, fields)
}

/** The names of types must tell where objects stand: Object.spec within spec. One problem a line. */
export function nameProblems(value: Value, path = 'Object'): readonly string[] {
  if (value instanceof CelList) return itemsOf(value).flatMap((item) => nameProblems(item, path))
  if (value instanceof CelMap) return value.keys().flatMap((key) => nameProblems(value.find(key) ?? null, path))
  if (!(value instanceof MadeObject)) return []
  const { name } = value.celType
  const own =
    name === path
      ? []
      : [`unexpected type name "${name}", expected "${path}", which matches field name path from root Object type`]
  return [...own, ...[...value.fields].flatMap(([field, inner]) => nameProblems(inner, `${path}.${field}`))]
}

/** A value as JSON. */
export function toJson(value: Value): Result<unknown, string> {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return ok(value)
  if (typeof value === 'number') return ok(value)
  if (typeof value === 'bigint') return ok(String(value))
  if (value instanceof CelDouble) return ok(value.value)
  if (value instanceof CelUint) return ok(Number(value.value))
  if (value instanceof Uint8Array) return ok(encodeBase64(value))
  if (value instanceof CelDuration) return ok(formatDuration(value))
  if (value instanceof CelTimestamp) return ok(formatTimestamp(value))
  if (value instanceof CelList) return listToJson(itemsOf(value))
  if (value instanceof CelMap) return entriesToJson(value.keys().map((key) => [key, value.find(key) ?? null]))
  if (value instanceof MadeObject) return entriesToJson([...value.fields])
  if (value instanceof CelOptional && value.value !== undefined) return toJson(value.value)
  return fail('unsupported type')
}

function listToJson(items: readonly Value[]): Result<unknown, string> {
  const list: unknown[] = []
  for (const item of items) {
    const json = toJson(item)
    if (!json.ok) return json
    list.push(json.value)
  }
  return ok(list)
}

function entriesToJson(entries: readonly (readonly [Value, Value])[]): Result<unknown, string> {
  const object: Record<string, unknown> = {}
  for (const [key, value] of entries) {
    const json = toJson(value)
    if (!json.ok) return json
    if (key === null || (typeof key === 'object' && !(key instanceof CelUint))) return fail('unsupported key')
    object[key instanceof CelUint ? String(key.value) : String(key)] = json.value
  }
  return ok(object)
}
