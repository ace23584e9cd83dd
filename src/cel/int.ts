import { CelError, type Int } from './value.ts'

/** Arithmetic of 64 bit ints: on numbers while they are exact, on bigints beyond; past the range an error. */

export const minInt = -(2n ** 63n)
export const maxInt = 2n ** 63n - 1n

const overflow = new CelError('integer overflow')

/** The one form of an int: a number where it is exact. */
export function intOf(value: bigint): Int {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

export function checkedInt(value: bigint): Int | CelError {
  return value < minInt || value > maxInt ? overflow : intOf(value)
}

export function isInt(value: unknown): value is Int {
  return typeof value === 'number' || typeof value === 'bigint'
}

export function addInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return checkedInt(BigInt(a) + BigInt(b))
}

export function subtractInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference)) return difference
  }
  return checkedInt(BigInt(a) - BigInt(b))
}

export function multiplyInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product)) return product + 0
  }
  return checkedInt(BigInt(a) * BigInt(b))
}

export function divideInts(a: Int, b: Int): Int | CelError {
  if (b === 0) return new CelError('division by zero')
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0
  return checkedInt(BigInt(a) / BigInt(b))
}

export function moduloInts(a: Int, b: Int): Int | CelError {
  if (b === 0) return new CelError('modulus by zero')
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0
  if (BigInt(a) === minInt && b === -1) return overflow
  return intOf(BigInt(a) % BigInt(b))
}

export function negateInt(a: Int): Int | CelError {
  return typeof a === 'number' ? 0 - a : checkedInt(-a)
}

const maxUint = 2n ** 64n - 1n
const unsignedOverflow = new CelError('unsigned integer overflow')

export function checkedUint(value: bigint): bigint | CelError {
  return value < 0n || value > maxUint ? unsignedOverflow : value
}
