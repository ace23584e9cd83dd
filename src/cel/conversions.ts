import { formatDouble, parseDouble } from './double-text.ts'
import { checkedInt, intOf, isInt, maxInt, minInt } from './int.ts'
import {
  formatDuration,
  formatTimestamp,
  isInRange,
  parseDuration,
  parseTimestamp,
  secondsOf,
  timestampOfSeconds,
  timestampOverflow,
} from './moment.ts'
import { uint } from './operators.ts'
import { runtimeType } from './runtime-type.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type Outcome,
  type Value,
} from './value.ts'

/** int(), string() and the like. A value that cannot be converted says from what to what. */

function impossible(value: Value, to: string): CelError {
  return new CelError(`type conversion error from '${runtimeType(value).name}' to '${to}'`)
}

export function toInt(value: Value): Outcome {
  if (isInt(value)) return value
  if (value instanceof CelUint) return checkedInt(value.value)
  if (value instanceof CelDuration) return intOf(value.nanos)
  if (value instanceof CelTimestamp) return intOf(secondsOf(value))
  if (value instanceof CelDouble) return doubleToInt(value.value)
  if (typeof value !== 'string' || !/^[+-]?\d+$/.test(value)) return impossible(value, 'int')
  const parsed = BigInt(value.replace('+', ''))
  return parsed < minInt || parsed > maxInt ? impossible(value, 'int') : intOf(parsed)
}

function doubleToInt(value: number): Outcome {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return new CelError('integer overflow')
  return intOf(BigInt(Math.trunc(value)))
}

export function toUint(value: Value): Outcome {
  if (value instanceof CelUint) return value
  if (isInt(value)) return uint(BigInt(value))
  if (value instanceof CelDouble) {
    const { value: double } = value
    if (!Number.isFinite(double) || double < 0 || double >= 2 ** 64) return new CelError('unsigned integer overflow')
    return new CelUint(BigInt(Math.trunc(double)))
  }
  if (typeof value !== 'string' || !/^\d+$/.test(value) || BigInt(value) >= 2n ** 64n) return impossible(value, 'uint')
  return new CelUint(BigInt(value))
}

export function toDouble(value: Value): Outcome {
  if (value instanceof CelDouble) return value
  if (isInt(value)) return new CelDouble(Number(value))
  if (value instanceof CelUint) return new CelDouble(Number(value.value))
  const parsed = typeof value === 'string' ? parseDouble(value) : undefined
  return parsed === undefined ? impossible(value, 'double') : new CelDouble(parsed)
}

export function toText(value: Value): Outcome {
  if (typeof value === 'string') return value
  if (isInt(value) || typeof value === 'boolean') return String(value)
  if (value === null) return 'null'
  if (value instanceof CelUint) return String(value.value)
  if (value instanceof CelDouble) return formatDouble(value.value)
  if (value instanceof CelDuration) return formatDuration(value)
  if (value instanceof CelTimestamp) return formatTimestamp(value)
  if (value instanceof CelTypeValue) return value.type.name
  if (value instanceof Uint8Array) return decodeUtf8(value)
  return impossible(value, 'string')
}

function decodeUtf8(bytes: Uint8Array): Outcome {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

export function toBytes(value: Value): Outcome {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? new TextEncoder().encode(value) : impossible(value, 'bytes')
}

const truths = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const untruths = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

export function toBool(value: Value): Outcome {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && truths.has(value)) return true
  return typeof value === 'string' && untruths.has(value) ? false : impossible(value, 'bool')
}

export function toDuration(value: Value): Outcome {
  if (value instanceof CelDuration) return value
  if (isInt(value)) return new CelDuration(BigInt(value))
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined
  return parsed ?? impossible(value, 'google.protobuf.Duration')
}

export function toTimestamp(value: Value): Outcome {
  if (value instanceof CelTimestamp) return value
  if (isInt(value)) return timestampOfSeconds(BigInt(value))
  const parsed = typeof value === 'string' ? parseTimestamp(value) : undefined
  if (parsed === undefined) return impossible(value, 'google.protobuf.Timestamp')
  return isInRange(parsed) ? parsed : timestampOverflow
}

export function typeOfValue(value: Value): CelTypeValue {
  return new CelTypeValue(runtimeType(value))
}
