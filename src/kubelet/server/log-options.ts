import { fail, ok, type Result } from '../../api/result.ts'

/** PodLogOptions, as far as they choose what is shown of one log. */
export type LogOptions = Readonly<{
  follow: boolean
  previous: boolean
  timestamps: boolean
  tailLines: number | undefined
  limitBytes: number | undefined
  /** Milliseconds since the epoch. */
  sinceMs: number | undefined
  stream: 'All' | 'Stdout' | 'Stderr'
}>

/** Reads the query of /containerLogs. */
export function logOptions(query: URLSearchParams, nowMs: number): Result<LogOptions, string> {
  const tail = query.get('tail')
  const tailLines = count(tail === null ? query.get('tailLines') : tail === 'all' ? null : tail)
  const limitBytes = count(query.get('limitBytes'))
  const sinceSeconds = count(query.get('sinceSeconds'))
  const sinceTime = query.get('sinceTime')
  const since = sinceTime === null || sinceTime === '' ? undefined : Date.parse(sinceTime)
  const stream = query.get('stream') ?? 'All'
  const numbers = [tailLines, limitBytes, sinceSeconds, since]
  if (numbers.some((number) => number !== undefined && Number.isNaN(number)) || !isStream(stream))
    return fail('{"message": "Invalid request."}')
  return ok({
    follow: flag(query.get('follow')),
    previous: flag(query.get('previous')),
    timestamps: flag(query.get('timestamps')),
    tailLines,
    limitBytes,
    sinceMs: sinceSeconds === undefined ? since : nowMs - sinceSeconds * 1000,
    stream,
  })
}

function isStream(stream: string): stream is LogOptions['stream'] {
  return stream === 'All' || stream === 'Stdout' || stream === 'Stderr'
}

function count(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

/** As Go reads a query into a boolean: present and empty is true. */
export function flag(text: string | null): boolean {
  return text !== null && text !== 'false' && text !== '0'
}
