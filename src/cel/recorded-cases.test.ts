import { describe, expect, it } from 'vitest'
import { estimateCost } from './cost-estimate.ts'
import { formatDouble } from './double-text.ts'
import { compile, environment, outputType, prepare } from './environment.ts'
import { formatDuration, formatTimestamp } from './moment.ts'
import { nativeValue } from './native-value.ts'
import cases from './recorded-cases.json' with { type: 'json' }
import { dynType, formatType } from './type.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  itemsOf,
  type Outcome,
  type Value,
} from './value.ts'

type Case = Readonly<{ expr: string; vars?: Readonly<Record<string, unknown>> } & Outcomes>
/** As the original's library gives them in Kubernetes' environment; costs only of what succeeds. */
type Outcomes = Readonly<Partial<Record<'issues' | 'type' | 'min' | 'max' | 'value' | 'error' | 'cost', string>>>

/** How the recorder wrote values. */
function show(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof CelDouble) return `double ${formatDouble(value.value)}`
  if (value instanceof CelUint) return `${value.value}u`
  if (value instanceof Uint8Array) return `b${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  if (value instanceof CelList) return `[${itemsOf(value).map(show).join(', ')}]`
  if (value instanceof CelMap) {
    const entries = value.keys().map((key) => `${show(key)}: ${show(value.find(key) ?? null)}`)
    return `{${entries.sort().join(', ')}}`
  }
  if (value instanceof CelOptional)
    return value.value === undefined ? 'optional.none' : `optional(${show(value.value)})`
  if (value instanceof CelTypeValue) return JSON.stringify(value.type.name)
  if (value instanceof CelTimestamp) return `timestamp ${formatTimestamp(new CelTimestamp(value.nanos))}`
  return value instanceof CelDuration ? `duration ${formatDuration(value)}` : String(value)
}

function outcomeOf({ expr, vars = {} }: Case): Outcomes {
  const env = environment(new Map(Object.keys(vars).map((name) => [name, dynType])))
  const checked = compile(env, expr)
  if (!checked.ok) return { issues: checked.error }
  const type = formatType(outputType(checked.value))
  const { min, max } = estimateCost(checked.value)
  const known = { type, min: String(min), max: String(max) }
  const program = prepare(env, checked.value)
  if (!program.ok) return { ...known, error: `program: ${program.error}` }
  const variable = (name: string): Outcome | undefined => (name in vars ? nativeValue(vars[name]) : undefined)
  const { outcome, cost } = program.value.run(variable, 1_000_000)
  if (outcome === 'costExceeded') return { ...known, error: 'operation cancelled: actual cost limit exceeded' }
  if (outcome instanceof CelError) return { ...known, error: outcome.message }
  return { ...known, value: show(outcome), cost: String(cost) }
}

describe('expressions come to what the original makes of them', () => {
  it.each(cases as readonly Case[])('$expr', ({ expr, vars, ...expected }) => {
    expect(outcomeOf({ expr, ...(vars === undefined ? {} : { vars }) })).toEqual(expected)
  })
})
