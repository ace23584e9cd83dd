/** The types of the language. A typeParam stands for a type that a call decides. */
export type CelType = Readonly<{ kind: TypeKind; name: string; params: readonly CelType[] }>

export type TypeKind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'duration'
  | 'timestamp'
  | 'list'
  | 'map'
  | 'struct'
  | 'opaque'
  | 'type'
  | 'typeParam'
  | 'function'

function simple(kind: TypeKind, name: string = kind): CelType {
  return { kind, name, params: [] }
}

export const dynType = simple('dyn')
export const errorType = simple('error', '*error*')
export const nullType = simple('null', 'null_type')
export const boolType = simple('bool')
export const intType = simple('int')
export const uintType = simple('uint')
export const doubleType = simple('double')
export const stringType = simple('string')
export const bytesType = simple('bytes')
export const durationType = simple('duration', 'google.protobuf.Duration')
export const timestampType = simple('timestamp', 'google.protobuf.Timestamp')
export const typeType = simple('type')

export function listOf(element: CelType): CelType {
  return { kind: 'list', name: 'list', params: [element] }
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: 'map', name: 'map', params: [key, value] }
}

export function structType(name: string): CelType {
  return simple('struct', name)
}

export function opaqueType(name: string, ...params: CelType[]): CelType {
  return { kind: 'opaque', name, params }
}

export function optionalOf(element: CelType): CelType {
  return opaqueType('optional_type', element)
}

export function typeOfType(of: CelType): CelType {
  return { kind: 'type', name: 'type', params: [of] }
}

export function typeParam(name: string): CelType {
  return simple('typeParam', name)
}

export function functionType(result: CelType, args: readonly CelType[]): CelType {
  return { kind: 'function', name: 'function', params: [result, ...args] }
}

export function isOptional(type: CelType): boolean {
  return type.kind === 'opaque' && type.name === 'optional_type'
}

/** The value's type of an optional; any other type as it is. */
export function unwrapOptional(type: CelType): CelType {
  return isOptional(type) ? (type.params[0] ?? dynType) : type
}

export function isDynOrError(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error'
}

/** Equality by structure; type parameters by name too when exact. */
export function sameType(a: CelType, b: CelType, exact: boolean): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false
  if ((exact || a.kind !== 'typeParam') && a.name !== b.name) return false
  return a.params.every((param, at) => sameType(param, b.params[at] ?? dynType, exact))
}

/** The type as error messages name it: 'map(string, int)'. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'error':
      return '!error!'
    case 'null':
    case 'duration':
    case 'timestamp':
      return type.kind
    case 'function':
      return `${formatArguments(type.params.slice(1))} -> ${formatType(type.params[0] ?? dynType)}`
    default:
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(formatType).join(', ')})`
  }
}

/** '(int, string)'; with a receiver 'list(int).(string)'. */
export function formatArguments(args: readonly CelType[], hasReceiver = false): string {
  const names = args.map(formatType)
  return hasReceiver ? `${names[0] ?? ''}.(${names.slice(1).join(', ')})` : `(${names.join(', ')})`
}
