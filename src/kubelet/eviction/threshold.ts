import { parseGoDuration } from '../../api/go-duration.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityNumber,
  quantityOfUnits,
  zeroQuantity,
} from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

/** What of the node runs short: the words that messages use. */
export type ScarceResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'

/** Kubernetes' eviction signals: which condition of the node each stands for, and what is lacking then. */
export const signals = {
  'memory.available': { condition: 'MemoryPressure', resource: 'memory' },
  'allocatableMemory.available': { condition: 'MemoryPressure', resource: 'memory' },
  'nodefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'imagefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'imagefs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'containerfs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'containerfs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'pid.available': { condition: 'PIDPressure', resource: 'pids' },
} as const satisfies Readonly<Record<string, Readonly<{ condition: PressureCondition; resource: ScarceResource }>>>

export type Signal = keyof typeof signals

/** An amount, or a share of what there is. */
type Value = Readonly<{ amount: Quantity } | { share: number }>

/** Met when less than the value is available. Its identity counts: a state remembers since when one is met. */
export type Threshold = Readonly<{
  signal: Signal
  value: Value
  /** How long it must be met before pods are ended; 0 is a hard one. */
  graceMs: number
  /** How much more than the value must be available before it is over. */
  minReclaim?: Value
}>

/** What is available of how much. */
export type Observation = Readonly<{ available: Quantity; capacity: Quantity }>
export type Observations = ReadonlyMap<Signal, Observation>

type ThresholdFields = Pick<
  KubeletConfiguration,
  'evictionHard' | 'evictionSoft' | 'evictionSoftGracePeriod' | 'evictionMinimumReclaim' | 'enforceNodeAllocatable'
>

/** The thresholds of a configuration, hard ones first. Errors are worded as the original's ParseThresholdConfig. */
export function parseThresholds(configuration: ThresholdFields): Result<readonly Threshold[], string> {
  const hard = parseStatements(configuration.evictionHard)
  if (!hard.ok) return hard
  const soft = parseStatements(configuration.evictionSoft)
  if (!soft.ok) return soft
  const graces = parseEach(configuration.evictionSoftGracePeriod, parseGrace)
  if (!graces.ok) return graces
  const reclaims = parseEach(configuration.evictionMinimumReclaim, parseReclaim)
  if (!reclaims.ok) return reclaims
  const missing = soft.value.find(({ signal }) => !graces.value.has(signal))
  if (missing !== undefined)
    return fail(`grace period must be specified for the soft eviction threshold ${missing.signal}`)
  const all = [
    ...hard.value.map((one) => ({ ...one, graceMs: 0 })),
    ...soft.value.map((one) => ({ ...one, graceMs: graces.value.get(one.signal) ?? 0 })),
  ].map((threshold): Threshold => {
    const minReclaim = reclaims.value.get(threshold.signal)
    return minReclaim === undefined ? threshold : { ...threshold, minReclaim }
  })
  return ok([...all, ...(configuration.enforceNodeAllocatable.includes('pods') ? allocatable(all) : [])])
}

/** What holds for the memory of the machine holds for that of all pods together. */
function allocatable(thresholds: readonly Threshold[]): readonly Threshold[] {
  return thresholds
    .filter(({ signal, graceMs }) => signal === 'memory.available' && graceMs === 0)
    .map((threshold) => ({ ...threshold, signal: 'allocatableMemory.available' }))
}

function signalOf(text: string): Result<Signal, string> {
  return Object.hasOwn(signals, text) ? ok(text as Signal) : fail(`unsupported eviction signal ${text}`)
}

type Statement = Readonly<{ signal: Signal; value: Value }>

function parseStatements(statements: Readonly<Record<string, string>>): Result<readonly Statement[], string> {
  const values = parseEach(statements, parseStatement)
  if (!values.ok) return values
  const found = [...values.value].flatMap(([signal, value]) => (value === undefined ? [] : [{ signal, value }]))
  // There is no file system for containers alone here: its thresholds are those of the one that it is on, as the original says.
  return ok(found.filter(({ signal }) => !signal.startsWith('containerfs.')))
}

function parseEach<T>(
  statements: Readonly<Record<string, string>>,
  parse: (signal: Signal, text: string) => Result<T, string>,
): Result<ReadonlyMap<Signal, T>, string> {
  const all = new Map<Signal, T>()
  for (const [name, text] of Object.entries(statements)) {
    const signal = signalOf(name)
    if (!signal.ok) return signal
    const parsed = parse(signal.value, text)
    if (!parsed.ok) return parsed
    all.set(signal.value, parsed.value)
  }
  return ok(all)
}

/** Undefined: 0% and 100% are no thresholds. */
function parseStatement(signal: Signal, text: string): Result<Value | undefined, string> {
  if (text === '0%' || text === '100%') return ok(undefined)
  if (text.endsWith('%')) {
    const share = parseShare(text)
    if (!share.ok) return share
    if (share.value < 0) return fail(`eviction percentage threshold ${signal} must be >= 0%: ${text}`)
    if (share.value > 1) return fail(`eviction percentage threshold ${signal} must be <= 100%: ${text}`)
    return ok({ share: share.value })
  }
  const amount = parseQuantity(text)
  if (!amount.ok) return amount
  if (amount.value.nano <= 0n)
    return fail(`eviction threshold ${signal} must be positive: ${formatQuantity(amount.value)}`)
  return ok({ amount: amount.value })
}

function parseReclaim(signal: Signal, text: string): Result<Value, string> {
  if (text.endsWith('%')) {
    const share = parseShare(text)
    if (!share.ok) return share
    return share.value <= 0
      ? fail(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`)
      : ok({ share: share.value })
  }
  const amount = parseQuantity(text)
  if (!amount.ok) return amount
  return amount.value.nano < 0n
    ? fail(`negative eviction minimum reclaim specified for ${signal}`)
    : ok({ amount: amount.value })
}

function parseGrace(_: Signal, text: string): Result<number, string> {
  const parsed = parseGoDuration(text)
  if (!parsed.ok) return parsed
  return parsed.value < 0
    ? fail(`invalid eviction grace period specified: ${text}, must be a positive value`)
    : ok(parsed.value)
}

/** As a 32-bit number, which the original reckons with. */
function parseShare(text: string): Result<number, string> {
  const number = text.replace(/%+$/, '')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number))
    return fail(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`)
  return ok(Math.fround(Math.fround(Number(number)) / 100))
}

/** The value in the amounts of what it is about. */
export function valueQuantity(value: Value, capacity: Quantity): Quantity {
  if ('amount' in value) return value.amount
  return quantityOfUnits(Math.trunc(quantityNumber(capacity) * value.share), 'BinarySI')
}

/** Thresholds of which less is available than they say. `withReclaim`: or than must be reclaimed. Signals that nobody sees are not met. */
export function thresholdsMet(
  thresholds: readonly Threshold[],
  observations: Observations,
  withReclaim: boolean,
): readonly Threshold[] {
  return thresholds.filter(({ signal, value, minReclaim }) => {
    const seen = observations.get(signal)
    if (seen === undefined) return false
    const reclaim = withReclaim && minReclaim !== undefined ? valueQuantity(minReclaim, seen.capacity) : zeroQuantity
    return compareQuantities(addQuantities(valueQuantity(value, seen.capacity), reclaim), seen.available) > 0
  })
}
