import { parseGoDuration } from '../../api/go-duration.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Healthcheck, InstructionBody } from './instruction.ts'
import type { Flags } from './instruction-flags.ts'
import { parseJsonForm } from './instruction-words.ts'

type Source = Readonly<{ flags: Flags; rest: string }>

const shortestNs = 1_000_000

/** HEALTHCHECK NONE, or CMD with its times. */
export function parseHealthcheck({ flags, rest }: Source): Result<InstructionBody, string> {
  const [, name = '', commandText = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? []
  const type = name.toUpperCase()
  if (type === '') return fail('HEALTHCHECK requires at least one argument')
  if (type === 'NONE') {
    return commandText === ''
      ? ok({ type: 'healthcheck', check: { Test: ['NONE'] } })
      : fail('HEALTHCHECK NONE takes no arguments')
  }
  if (type !== 'CMD') return fail(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`)
  const form = parseJsonForm(commandText)
  if (!form.ok) return form
  const args = form.value ?? (commandText === '' ? [] : [commandText])
  if (args.length === 0) return fail('Missing command after HEALTHCHECK CMD')
  const times = timesOf(flags)
  if (!times.ok) return times
  const Test = [form.value === undefined ? 'CMD-SHELL' : 'CMD', ...args]
  return ok({ type: 'healthcheck', check: { Test, ...times.value } })
}

const fields = [
  ['interval', 'Interval'],
  ['timeout', 'Timeout'],
  ['start-period', 'StartPeriod'],
  ['start-interval', 'StartInterval'],
] as const

function timesOf(flags: Flags): Result<Omit<Healthcheck, 'Test'>, string> {
  const times: Record<string, number> = {}
  for (const [flag, field] of fields) {
    const text = flags.get(flag)?.[0] ?? ''
    if (text === '') continue
    const timeMs = parseGoDuration(text)
    if (!timeMs.ok) return timeMs
    const timeNs = Math.round(timeMs.value * 1_000_000)
    if (timeNs === 0) continue
    if (timeNs < shortestNs) return fail(`Interval ${JSON.stringify(flag)} cannot be less than 1ms`)
    times[field] = timeNs
  }
  const text = flags.get('retries')?.[0] ?? ''
  if (text === '') return ok(times)
  if (!/^[+-]?\d+$/.test(text)) return fail(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  const retries = Number(text)
  if (retries < 0) return fail(`--retries cannot be negative (${retries})`)
  return ok(retries === 0 ? times : { ...times, Retries: retries })
}
