import { kubernetesSignatures } from './kubernetes-signatures.ts'
import { standardSignatures } from './standard-signatures.ts'
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
  structType,
  timestampType,
  typeOfType,
  typeParam,
  typeType,
  uintType,
} from './type.ts'

/** One way of calling a function. `receiver`: the first parameter stands before the dot. */
export type Overload = Readonly<{
  id: string
  receiver: boolean
  params: readonly CelType[]
  result: CelType
  typeParams: readonly string[]
}>

export type Functions = ReadonlyMap<string, readonly Overload[]>

const named: Readonly<Record<string, CelType>> = {
  bool: boolType,
  int: intType,
  uint: uintType,
  double: doubleType,
  string: stringType,
  bytes: bytesType,
  duration: durationType,
  timestamp: timestampType,
  dyn: dynType,
  null: nullType,
  'net.IP': opaqueType('net.IP'),
  'net.CIDR': opaqueType('net.CIDR'),
}

/** Reads a type as error messages write it; a single capital is a type parameter. */
export function parseType(text: string): CelType {
  const open = text.indexOf('(')
  if (open < 0) return named[text] ?? (/^[A-Z]$/.test(text) ? typeParam(text) : structType(text))
  const params = splitTypes(text.slice(open + 1, -1)).map(parseType)
  const [first = dynType, second = dynType] = params
  switch (text.slice(0, open)) {
    case 'list':
      return listOf(first)
    case 'map':
      return mapOf(first, second)
    case 'type':
      return typeOfType(first)
    default:
      return opaqueType(text.slice(0, open), ...params)
  }
}

/** At the commas that stand in no parentheses. */
function splitTypes(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    const point = text[at]
    if (point === '(') depth += 1
    if (point === ')') depth -= 1
    if ((point === ',' && depth === 0) || at === text.length) {
      parts.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  return parts.filter((part) => part !== '')
}

export function parseSignatures(text: string): Functions {
  const functions = new Map<string, Overload[]>()
  for (const line of text.split('\n')) {
    const found = /^(\.?)(\S+) (\S+) \(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\) (\S.*)$/.exec(line)
    if (found === null) continue
    const [, dot, name = '', id = '', params = '', result = ''] = found
    const types = splitTypes(params).map(parseType)
    const resultType = parseType(result)
    const typeParams = [...new Set([...types, resultType].flatMap(typeParamsOf))]
    const overload = { id, receiver: dot === '.', params: types, result: resultType, typeParams }
    functions.set(name, [...(functions.get(name) ?? []), overload])
  }
  return functions
}

function typeParamsOf(type: CelType): string[] {
  return type.kind === 'typeParam' ? [type.name] : type.params.flatMap(typeParamsOf)
}

/** Every function that an expression in Kubernetes may call. */
export const kubernetesFunctions: Functions = parseSignatures(standardSignatures + kubernetesSignatures)

/** Names that stand for types: int, type, google.protobuf.Duration. */
export const typeNames: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['bool', boolType],
  ['bytes', bytesType],
  ['double', doubleType],
  ['int', intType],
  ['list', listOf(dynType)],
  ['map', mapOf(dynType, dynType)],
  ['null_type', nullType],
  ['string', stringType],
  ['type', typeType],
  ['uint', uintType],
  ['google.protobuf.Duration', durationType],
  ['google.protobuf.Timestamp', timestampType],
  ['optional_type', opaqueType('optional_type', dynType)],
  ['net.IP', opaqueType('net.IP')],
  ['net.CIDR', opaqueType('net.CIDR')],
])
