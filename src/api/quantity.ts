import { fail, ok, type Result } from './result.ts'

/** How the number was written, and so how it is written again: 12M, 12Mi or 12e6. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** A fixed-point amount of a resource: k8s.io/apimachinery resource.Quantity. Never more precise than 1n (it is rounded up to that). */
export type Quantity = Readonly<{
  /** The amount in billionths. */
  nano: bigint
  format: QuantityFormat
  /** Kept where Kubernetes keeps what the user wrote instead of the canonical form: '0.100', '01'. */
  text?: string
}>

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const wrongNumber = 'unable to parse numeric part of quantity'
const wrongSuffix = "unable to parse quantity's suffix"

const decimalExponents: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const decimalSuffixes: ReadonlyMap<number, string> = new Map([...decimalExponents].map(([s, e]) => [e, s]))
const binaryExponents: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
])
const binarySuffixes: ReadonlyMap<number, string> = new Map([...binaryExponents].map(([s, e]) => [e, s]))

/** Sign, leading zeros, digits, fraction, suffix: every group may be empty, as in Go's scanner ('.5', '5.', '-' are numbers there). */
const shape = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/
const maxInt64 = 2n ** 63n - 1n
const one = 10n ** 9n
/** Beyond this no exponent means anything, and 10 to its power would not fit in memory. */
const maxDigits = 1000

export const zeroQuantity: Quantity = { nano: 0n, format: 'DecimalSI' }

/** Parses '100m', '1.5Gi', '1e3'. The error is worded as apimachinery's. */
export function parseQuantity(text: string): Result<Quantity, string> {
  if (text === '') return fail(wrongFormat)
  const parts = shape.exec(text)
  if (parts === null) return fail(wrongFormat)
  const [, sign = '', zeros = '', whole = '', fraction = '', suffix = ''] = parts
  const unit = unitOf(suffix)
  if (unit === undefined) return fail(wrongSuffix)
  if (whole.length + fraction.length + Math.abs(unit.exponent) > maxDigits) return fail(wrongNumber)
  const digits = `${whole === '' ? '0' : whole}${fraction}`
  if (zeros + whole + fraction === '' && !isShort(digits, fraction, unit)) return fail(wrongNumber)
  const amount = scaled(BigInt(digits), unit, fraction.length)
  const capped = unit.format === 'BinarySI' && amount > maxInt64 * one ? maxInt64 * one : amount
  const format = unit.format === 'BinarySI' && capped > 0n && capped < one ? 'DecimalSI' : unit.format
  const quantity: Quantity = { nano: sign === '-' ? -capped : capped, format }
  return ok(keepsText(digits, fraction, unit) && capped !== 0n ? { ...quantity, text } : quantity)
}

/** For numbers written in our own code: a bad one is a bug. */
export function quantity(text: string): Quantity {
  const parsed = parseQuantity(text)
  if (!parsed.ok) throw new Error(`quantity ${text}: ${parsed.error}`)
  return parsed.value
}

type Unit = Readonly<{ format: QuantityFormat; exponent: number }>

function unitOf(suffix: string): Unit | undefined {
  const decimal = decimalExponents.get(suffix)
  if (decimal !== undefined) return { format: 'DecimalSI', exponent: decimal }
  const binary = binaryExponents.get(suffix)
  if (binary !== undefined) return { format: 'BinarySI', exponent: binary }
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined
  return { format: 'DecimalExponent', exponent: Number(suffix.slice(1)) }
}

/** Billionths, rounded up. */
function scaled(digits: bigint, { format, exponent }: Unit, fractionDigits: number): bigint {
  if (format === 'BinarySI') return divideUp((digits << BigInt(exponent)) * one, 10n ** BigInt(fractionDigits))
  const scale = exponent + 9 - fractionDigits
  return scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale))
}

function divideUp(amount: bigint, by: bigint): bigint {
  const quotient = amount / by
  if (amount % by === 0n) return quotient
  return amount < 0n ? quotient - 1n : quotient + 1n
}

/** Whether apimachinery computes with an int64; only then it takes a lone suffix for zero, or looks no closer at the text. */
function isShort(digits: string, fraction: string, { format, exponent }: Unit): boolean {
  if (format !== 'BinarySI') return digits.length <= 18 && exponent - fraction.length >= -9
  return fraction === '' && 15 - digits.length - Math.floor((exponent * 3) / 10) - 1 >= 0
}

function keepsText(digits: string, fraction: string, unit: Unit): boolean {
  if (!isShort(digits, fraction, unit)) return false
  if (unit.format === 'BinarySI') return (BigInt(digits) & 7n) !== 0n
  return (unit.exponent - fraction.length) % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}

/** The form Kubernetes writes: no fraction, the largest suffix that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  return quantity.text ?? canonicalQuantity(quantity)
}

/** As formatQuantity, but never in the user's spelling. */
export function canonicalQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  const magnitude = nano < 0n ? -nano : nano
  if (format === 'BinarySI' && magnitude >= 1024n * one && nano % one === 0n) return binaryText(nano / one)
  return decimalText(nano, format === 'BinarySI' ? 'DecimalSI' : format)
}

function binaryText(value: bigint): string {
  let exponent = 0
  let rest = value
  while (rest % 1024n === 0n && binarySuffixes.has(exponent + 10)) {
    rest /= 1024n
    exponent += 10
  }
  return `${rest}${binarySuffixes.get(exponent) ?? ''}`
}

function decimalText(nano: bigint, format: 'DecimalSI' | 'DecimalExponent'): string {
  let exponent = -9
  let rest = nano
  while (rest % 1000n === 0n) {
    rest /= 1000n
    exponent += 3
  }
  if (exponent === 0) return `${rest}`
  const suffix = format === 'DecimalSI' ? decimalSuffixes.get(exponent) : undefined
  return `${rest}${suffix ?? `e${exponent}`}`
}

/** Negative, zero or positive, as a sort function wants it. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0
}

/** The sum, in the format of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format }
}

/** Whole units (bytes, pods), rounded away from zero: Quantity.Value. */
export function quantityUnits({ nano }: Quantity): bigint {
  return divideUp(nano, one)
}

/** Thousandths (millicores), rounded away from zero: Quantity.MilliValue. */
export function quantityMilli({ nano }: Quantity): bigint {
  return divideUp(nano, 1_000_000n)
}

/** The amount as a number: exact up to 2^53 billionths, the nearest double beyond. For ratios and comparisons with numbers. */
export function quantityNumber({ nano }: Quantity): number {
  return Number(nano / one) + Number(nano % one) / 1e9
}

export function quantityOfUnits(units: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nano: BigInt(units) * one, format }
}

export function quantityOfMilli(milli: bigint | number): Quantity {
  return { nano: BigInt(milli) * 1_000_000n, format: 'DecimalSI' }
}
