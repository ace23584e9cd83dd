import { fail, ok, type Result } from '../../api/result.ts'

export type FlagType = 'boolean' | 'text' | 'texts'

/** Flags by name, each with its values: 'true' for a boolean that is on. */
export type Flags = ReadonlyMap<string, readonly string[]>

/** Reads an instruction's flags. Errors in BuildKit's words (frontend/dockerfile/instructions). */
export function parseFlags(words: readonly string[], known: Readonly<Record<string, FlagType>>): Result<Flags, string> {
  const flags = new Map<string, readonly string[]>()
  for (const word of words) {
    const equals = word.indexOf('=')
    const flag = equals < 0 ? word : word.slice(0, equals)
    const value = equals < 0 ? undefined : word.slice(equals + 1)
    const name = flag.slice(2)
    const type = Object.hasOwn(known, name) ? known[name] : undefined
    if (type === undefined) return fail(`unknown flag: ${flag}`)
    if (flags.has(name) && type !== 'texts') return fail(`duplicate flag specified: ${flag}`)
    const parsed = type === 'boolean' ? booleanOf(flag, value) : value === undefined ? missing(flag) : ok(value)
    if (!parsed.ok) return parsed
    flags.set(name, [...(flags.get(name) ?? []), parsed.value])
  }
  return ok(flags)
}

function missing(flag: string): Result<never, string> {
  return fail(`missing a value on flag: ${flag}`)
}

function booleanOf(flag: string, value: string | undefined): Result<string, string> {
  if (value === '') return missing(flag)
  const lower = (value ?? 'true').toLowerCase()
  return lower === 'true' || lower === 'false'
    ? ok(lower)
    : fail(`expecting boolean value for flag ${flag}, not: ${value}`)
}
