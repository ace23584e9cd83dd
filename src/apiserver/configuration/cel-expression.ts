import { fail, ok, type Result } from '../../api/result.ts'
import { compile, environment, outputType, prepare } from '../../cel/environment.ts'
import { nativeValue } from '../../cel/native-value.ts'
import { dynType } from '../../cel/type.ts'
import { CelError, CelList, itemsOf, type Value } from '../../cel/value.ts'
import type { Expressions } from './expression.ts'

/** As apiserver's PerCallLimit. */
const costLimit = 1_000_000

/** Expressions of configuration files: their variables are maps of whatever is known when they run. */
export const celExpressions: Expressions = (text, variables, results) => {
  const environs = environment(new Map(variables.map((name) => [name, dynType])))
  const checked = compile(environs, text)
  if (!checked.ok) return fail(`compilation failed: ${checked.error}`)
  const { kind } = outputType(checked.value)
  if (kind !== 'dyn' && !(results as readonly string[]).includes(kind))
    return fail(`must evaluate to ${results.join(' or ')}`)
  const prepared = prepare(environs, checked.value)
  if (!prepared.ok) return fail(`instantiation failed: ${prepared.error}`)
  const program = prepared.value
  return ok((values) => {
    const { outcome } = program.run((name) => nativeValue(values[name]), costLimit)
    if (outcome === 'costExceeded') return fail('operation cancelled: actual cost limit exceeded')
    return outcome instanceof CelError ? fail(outcome.message) : plain(outcome)
  })
}

function plain(value: Value): Result<unknown, string> {
  if (!(value instanceof CelList)) return ok(value)
  const items = itemsOf(value).map(plain)
  const failed = items.find((item) => !item.ok)
  return failed ?? ok(items.map((item) => (item.ok ? item.value : undefined)))
}
