import type { FieldError } from '../refusal.ts'

/** Errors of one object in the order in which kube-apiserver reports them. */
export type Errors = readonly FieldError[]

const none: Errors = []
const noEntries: readonly never[] = []

/** Fields are named by path: 'spec', then childOf it, an item of it by index, an entry of it by key. */
export function child(path: string, ...names: readonly string[]): string {
  let joined = path
  for (const name of names) {
    if (name !== '') joined = joined === '' ? name : `${joined}.${name}`
  }
  return joined
}

export function index(path: string, at: number): string {
  return `${path}[${at}]`
}

/** 'resources.limits[cpu]'. */
export function keyed(path: string, key: string): string {
  return `${path}[${key}]`
}

/** As Go's encoding/json and %q write values: a nil pointer is null, and <, > and & are escaped in all but plain strings. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  const text = JSON.stringify(value ?? null)
  return text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
}

function error(reason: string, field: string, ...parts: readonly string[]): FieldError {
  return { reason, field: field === '' ? '[]' : field, message: parts.filter((part) => part !== '').join(': ') }
}

export function required(field: string, detail = ''): FieldError {
  return error('FieldValueRequired', field, 'Required value', detail)
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return error('FieldValueInvalid', field, 'Invalid value', show(value), detail)
}

/** Invalid, where the value is too large or too indirect to be shown. */
export function invalidUnshown(field: string, detail: string): FieldError {
  return error('FieldValueInvalid', field, 'Invalid value', detail)
}

/** `supported` in the order to be shown: kube-apiserver sorts some of these lists and not others. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = `supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`
  return error('FieldValueNotSupported', field, 'Unsupported value', show(value), list)
}

export function internal(field: string, detail: string): FieldError {
  return error('InternalError', field, 'Internal error', detail)
}

export function forbidden(field: string, detail: string): FieldError {
  return error('FieldValueForbidden', field, 'Forbidden', detail)
}

export function duplicate(field: string, value: unknown, detail = ''): FieldError {
  return error('FieldValueDuplicate', field, 'Duplicate value', show(value), detail)
}

export function notFound(field: string, value: unknown, detail = ''): FieldError {
  return error('FieldValueNotFound', field, 'Not found', show(value), detail)
}

export function tooLong(field: string, maxBytes: number): FieldError {
  return error(
    'FieldValueTooLong',
    field,
    'Too long',
    `may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}`,
  )
}

export function tooMany(field: string, actual: number, most: number): FieldError {
  const detail = `must have at most ${most} ${most === 1 ? 'item' : 'items'}`
  return error('FieldValueTooMany', field, 'Too many', String(actual), detail)
}

/** One Invalid for each message of a syntax rule. */
export function invalidEach(field: string, value: unknown, messages: readonly string[]): Errors {
  return messages.length === 0 ? none : messages.map((message) => invalid(field, value, message))
}

/** A value of a closed set: required when empty. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): Errors {
  if (value === undefined || value === '') return [required(field)]
  return supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

export function nonNegative(field: string, value: number | undefined): Errors {
  return value !== undefined && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : []
}

export function positive(field: string, value: number): Errors {
  return value <= 0 ? [invalid(field, value, 'must be greater than zero')] : []
}

export function isUnset(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

/** Deep equality as apimachinery's equality.Semantic has it: empty and absent lists and maps are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true
  if (typeof a !== 'object' || typeof b !== 'object' || isUnset(a) || isUnset(b)) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameField(left[key], right[key]))
}

/** Structs keep the difference between a nil pointer and an empty struct; decoded JSON cannot tell a struct from a map, so only lists count. */
function sameField(a: unknown, b: unknown): boolean {
  if (isUnset(a) !== isUnset(b)) return isEmptyList(a) || isEmptyList(b)
  return sameValue(a, b)
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function isEmpty(value: unknown): boolean {
  return isUnset(value) || isEmptyList(value) || (typeof value === 'object' && Object.keys(value).length === 0)
}

export function immutable(field: string, now: unknown, before: unknown): Errors {
  return sameValue(now, before) ? [] : [invalid(field, now, 'field is immutable')]
}

/** Entries of a map in key order: Go's order is random, ours must not be. */
export function entriesOf<T>(map: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] {
  if (map === undefined || map === null) return noEntries
  const entries = Object.entries(map)
  return entries.length > 1 ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries
}
