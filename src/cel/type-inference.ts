import {
  type CelType,
  dynType,
  formatType,
  functionType,
  isDynOrError,
  listOf,
  mapOf,
  opaqueType,
  sameType,
  typeOfType,
} from './type.ts'

/** What type parameters stand for, by their name. Copied on write: a failed attempt leaves no trace. */
export type Substitution = Map<string, CelType>

/** The substitution under which `from` fits `to`; undefined when it does not. */
export function assignable(known: Substitution, to: CelType, from: CelType): Substitution | undefined {
  const trial = new Map(known)
  return fits(trial, to, from) ? trial : undefined
}

export function allAssignable(
  known: Substitution,
  to: readonly CelType[],
  from: readonly CelType[],
): Substitution | undefined {
  const trial = new Map(known)
  return allFit(trial, to, from) ? trial : undefined
}

function allFit(known: Substitution, a: readonly CelType[], b: readonly CelType[]): boolean {
  return a.length === b.length && a.every((type, at) => fits(known, type, b[at] ?? dynType))
}

function fits(known: Substitution, a: CelType, b: CelType): boolean {
  if (b.kind === 'typeParam') {
    const { valid, bound } = substitutes(known, a, b)
    if (valid) return true
    if (bound) return false
  }
  if (a.kind === 'typeParam') return substitutes(known, b, a).valid
  if (isDynOrError(a) || isDynOrError(b)) return true
  if (a.kind === 'null') return takesNull(b)
  if (b.kind === 'null') return takesNull(a)
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'type':
      return true
    case 'struct':
      return a.name === b.name
    case 'opaque':
    case 'list':
    case 'map':
      return a.name === b.name && allFit(known, a.params, b.params)
    default:
      return true
  }
}

function takesNull(type: CelType): boolean {
  return ['null', 'opaque', 'struct', 'duration', 'timestamp'].includes(type.kind)
}

function substitutes(known: Substitution, type: CelType, param: CelType): Readonly<{ valid: boolean; bound: boolean }> {
  if (sameType(type, param, true)) return { valid: true, bound: true }
  const key = formatType(param)
  const before = known.get(key)
  if (before === undefined) {
    if (!isFreeOf(known, param, type)) return { valid: false, bound: false }
    known.set(key, type)
    return { valid: true, bound: false }
  }
  if (sameType(type, before, true)) return { valid: true, bound: true }
  if (!fits(known, type, before)) return { valid: false, bound: true }
  const general = mostGeneral(type, before)
  if (isFreeOf(known, param, general)) known.set(key, general)
  return { valid: true, bound: true }
}

/** Whether the parameter does not occur within the type: it would stand for itself. */
function isFreeOf(known: Substitution, param: CelType, within: CelType): boolean {
  if (sameType(param, within, true)) return false
  if (within.kind === 'typeParam') {
    const bound = known.get(formatType(within))
    return bound === undefined || isFreeOf(known, param, bound)
  }
  return within.params.every((part) => isFreeOf(known, param, part))
}

export function mostGeneral(a: CelType, b: CelType): CelType {
  return isEqualOrLessSpecific(a, b) ? a : b
}

function isEqualOrLessSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'typeParam') return true
  if (b.kind === 'dyn' || b.kind === 'typeParam' || a.kind !== b.kind) return false
  switch (a.kind) {
    case 'opaque':
    case 'list':
    case 'map':
      return (
        a.name === b.name &&
        a.params.length === b.params.length &&
        a.params.every((param, at) => isEqualOrLessSpecific(param, b.params[at] ?? dynType))
      )
    case 'type':
      return true
    default:
      return sameType(a, b, true)
  }
}

/** The type with its parameters replaced; those still open become dyn at the end. */
export function substitute(known: Substitution, type: CelType, openToDyn: boolean): CelType {
  const bound = known.get(formatType(type))
  if (bound !== undefined) return substitute(known, bound, openToDyn)
  if (openToDyn && type.kind === 'typeParam') return dynType
  if (type.params.length === 0) return type
  const [first = dynType, ...rest] = type.params.map((param) => substitute(known, param, openToDyn))
  switch (type.kind) {
    case 'opaque':
      return opaqueType(type.name, first, ...rest)
    case 'list':
      return listOf(first)
    case 'map':
      return mapOf(first, rest[0] ?? dynType)
    case 'type':
      return typeOfType(first)
    case 'function':
      return functionType(first, rest)
    default:
      return type
  }
}
