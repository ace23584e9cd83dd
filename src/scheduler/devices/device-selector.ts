import type { Device, DeviceAttribute, DeviceSelector } from '../../api/kinds.generated.ts'
import { quantity } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { mostSelectorCost, selectorProgram } from '../../cel/devices/device-expression.ts'
import { CelQuantity, CelSemver } from '../../cel/opaque-values.ts'
import type { Program } from '../../cel/program.ts'
import { compareSemver, parseSemver } from '../../cel/semver.ts'
import { CelError, CelMap, mapFrom, type Value } from '../../cel/value.ts'

/** A device as selectors know it. */
export type SelectableDevice = Readonly<{ driver: string; device: Device }>

export type DeviceMatcher = (selectors: readonly DeviceSelector[], device: SelectableDevice) => Result<boolean, string>

/** Compiles each expression once, and remembers what it said of each device. */
export function deviceMatcher(): DeviceMatcher {
  const programs = new Map<string, Result<Program, string>>()
  const known = new WeakMap<Device, Map<string, Result<boolean, string>>>()
  const matchesOne = (expression: string, device: SelectableDevice): Result<boolean, string> => {
    const program = programs.get(expression) ?? selectorProgram(expression)
    programs.set(expression, program)
    return program.ok ? evaluate(program.value, device) : fail(`CEL compile error: ${program.error}`)
  }
  return (selectors, device) => {
    const answers = known.get(device.device) ?? new Map<string, Result<boolean, string>>()
    known.set(device.device, answers)
    for (const [at, { cel }] of selectors.entries()) {
      const expression = cel?.expression ?? ''
      const key = `${device.driver} ${expression}`
      const matches = answers.get(key) ?? matchesOne(expression, device)
      answers.set(key, matches)
      if (!matches.ok) return fail(`selector #${at}: ${matches.error}`)
      if (!matches.value) return ok(false)
    }
    return ok(true)
  }
}

function evaluate(program: Program, device: SelectableDevice): Result<boolean, string> {
  const value = deviceValue(device)
  const { outcome } = program.run((name) => (name === 'device' ? value : undefined), mostSelectorCost)
  if (typeof outcome === 'boolean') return ok(outcome)
  if (outcome === 'costExceeded') return fail('CEL runtime error: actual cost limit exceeded')
  return fail(`CEL runtime error: ${outcome instanceof CelError ? outcome.message : 'no such overload'}`)
}

function deviceValue({ driver, device }: SelectableDevice): Value {
  const attributes = byDomain(driver, Object.entries(device.attributes ?? {}), attributeValue)
  const capacity = byDomain(
    driver,
    Object.entries(device.capacity ?? {}),
    ({ value }) => new CelQuantity(quantity(value)),
  )
  return mapFrom([
    ['driver', driver],
    ['attributes', attributes],
    ['capacity', capacity],
    ['allowMultipleAllocations', device.allowMultipleAllocations ?? false],
  ])
}

/** Domain by domain; names without one are the driver's. A domain that the device does not know is an empty map. */
function byDomain<T>(driver: string, entries: readonly (readonly [string, T])[], toValue: (part: T) => Value): Value {
  const domains = new Map<string, [Value, Value][]>()
  for (const [name, part] of entries) {
    const [domain, id] = qualified(name, driver)
    domains.set(domain, [...(domains.get(domain) ?? []), [id, toValue(part)]])
  }
  const maps = new Map([...domains].map(([domain, parts]) => [domain, mapFrom(parts)]))
  const none = mapFrom([])
  return new CelMap(
    maps.size,
    (key) => (typeof key === 'string' ? (maps.get(key) ?? none) : undefined),
    () => [...maps.keys()],
  )
}

function qualified(name: string, driver: string): readonly [domain: string, id: string] {
  const slash = name.indexOf('/')
  return slash < 0 ? [driver, name] : [name.slice(0, slash), name.slice(slash + 1)]
}

function attributeValue({ string, int, bool, version }: DeviceAttribute): Value {
  if (string !== undefined) return string
  if (int !== undefined) return int
  if (bool !== undefined) return bool
  const parsed = parseSemver(version ?? '', false)
  return parsed.ok ? new CelSemver(parsed.value, (other) => compareSemver(parsed.value, other)) : null
}

/** The value of an attribute that constraints compare, as a text; undefined where the device has none of that name. */
export function attributeText({ driver, device }: SelectableDevice, name: string): string | undefined {
  const [domain, id] = qualified(name, driver)
  const found = device.attributes?.[`${domain}/${id}`] ?? (domain === driver ? device.attributes?.[id] : undefined)
  return found === undefined ? undefined : JSON.stringify([found.string, found.int, found.bool, found.version])
}
