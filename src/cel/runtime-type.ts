import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  nullType,
  opaqueType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from './type.ts'
import {
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type Value,
} from './value.ts'

const listType = listOf(dynType)
const mapType = mapOf(dynType, dynType)
const optionalType = opaqueType('optional_type', dynType)

/** The type that a value has when the expression runs: element types are not part of it. */
export function runtimeType(value: Value): CelType {
  switch (typeof value) {
    case 'string':
      return stringType
    case 'boolean':
      return boolType
    case 'number':
    case 'bigint':
      return intType
  }
  if (value === null) return nullType
  if (value instanceof CelList) return listType
  if (value instanceof CelMap) return mapType
  if (value instanceof CelDouble) return doubleType
  if (value instanceof CelUint) return uintType
  if (value instanceof Uint8Array) return bytesType
  if (value instanceof CelDuration) return durationType
  if (value instanceof CelTimestamp) return timestampType
  if (value instanceof CelOptional) return optionalType
  if (value instanceof CelTypeValue) return typeType
  return value.celType
}

/** Whether a value may be passed for a parameter. Of lists and maps the first element is looked at, as cel-go does. */
export function isOfType(type: CelType, value: Value): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'typeParam':
      return true
    case 'list': {
      if (!(value instanceof CelList)) return false
      return value.size === 0 || isOfType(type.params[0] ?? dynType, value.at(0))
    }
    case 'map':
      return value instanceof CelMap && (value.size === 0 || isEntryOf(type, value))
    default: {
      const actual = runtimeType(value)
      return actual.kind === type.kind && actual.name === type.name
    }
  }
}

function isEntryOf(type: CelType, map: CelMap): boolean {
  const [key] = map.keys()
  if (key === undefined) return true
  return isOfType(type.params[0] ?? dynType, key) && isOfType(type.params[1] ?? dynType, map.find(key) ?? null)
}
