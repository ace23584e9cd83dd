import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { isTrue } from '../request-info.ts'

export type ListOptions = Readonly<{
  limit: number
  continue: string
  /** As given: '' and '0' have meanings of their own. */
  resourceVersion: string
  match: '' | 'Exact' | 'NotOlderThan'
  allowWatchBookmarks: boolean
  sendInitialEvents?: boolean
  timeoutSeconds?: number
}>

/** ListOptions of a query, checked and refused as apimachinery's ValidateListOptions does. */
export function listOptions(query: URLSearchParams, isWatch: boolean): Result<ListOptions, Refusal> {
  const limit = integerOf(query, 'limit')
  if (!limit.ok) return limit
  const timeoutSeconds = integerOf(query, 'timeoutSeconds')
  if (!timeoutSeconds.ok) return timeoutSeconds
  const errors = optionErrors(query, isWatch)
  if (errors.length > 0) {
    return fail({ reason: 'Invalid', group: 'meta.k8s.io', kind: 'ListOptions', name: '', errors })
  }
  return ok({
    limit: Math.max(0, limit.value ?? 0),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    match: (query.get('resourceVersionMatch') ?? '') as ListOptions['match'],
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    ...(query.has('sendInitialEvents') ? { sendInitialEvents: isTrue(query.get('sendInitialEvents')) } : {}),
    ...(timeoutSeconds.value === undefined ? {} : { timeoutSeconds: timeoutSeconds.value }),
  })
}

export function integerOf(query: URLSearchParams, name: string): Result<number | undefined, Refusal> {
  const text = query.get(name)
  if (text === null || text === '') return ok(undefined)
  if (/^[+-]?\d{1,18}$/.test(text)) return ok(Number(text))
  const message = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`
  return fail({ reason: 'BadRequest', message })
}

function optionErrors(query: URLSearchParams, isWatch: boolean): FieldError[] {
  const match = query.get('resourceVersionMatch') ?? ''
  if (isWatch && query.has('sendInitialEvents')) return initialEventsErrors(query, match)
  if (!isWatch) {
    const events = query.has('sendInitialEvents')
      ? [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]
      : []
    return match === '' ? events : [...matchErrors(query, match), ...events]
  }
  const isContinued = (query.get('continue') ?? '') !== ''
  if (match === '') return isContinued ? [continuedMatch] : []
  const message = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
  return [
    forbidden('resourceVersionMatch', message),
    ...(match === 'NotOlderThan' ? [] : [onlyNotOlderThan(match)]),
    ...(isContinued ? [continuedMatch] : []),
  ]
}

function matchErrors(query: URLSearchParams, match: string): FieldError[] {
  const errors: FieldError[] = []
  const version = query.get('resourceVersion') ?? ''
  if (version === '') {
    errors.push(
      forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    )
  }
  if ((query.get('continue') ?? '') !== '') errors.push(continuedMatch)
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`
    errors.push({ reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message })
  }
  if (match === 'Exact' && version === '0') {
    errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  return errors
}

function initialEventsErrors(query: URLSearchParams, match: string): FieldError[] {
  const errors: FieldError[] = []
  if (match !== 'NotOlderThan') {
    const message = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
    errors.push(forbidden('resourceVersionMatch', message))
    if (match !== '') errors.push(onlyNotOlderThan(match))
  }
  if ((query.get('continue') ?? '') !== '') errors.push(continuedMatch)
  return errors
}

const continuedMatch = forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided')

function onlyNotOlderThan(match: string): FieldError {
  const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan"`
  return { reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message }
}

function forbidden(field: string, message: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` }
}

/** A resourceVersion as a revision. `invalid resource version` is how the storage layer words it. */
export function revisionOf(text: string): Result<number, Refusal> {
  if (text === '') return ok(0)
  if (/^\d{1,15}$/.test(text)) return ok(Number(text))
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
  const message = `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`
  return fail({ reason: 'BadRequest', message })
}

/** A revision that has not happened yet: clients with a copy from a newer server should try again. */
export function tooLargeVersion(asked: number, current: number): Refusal {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return {
    reason: 'Passed',
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Timeout',
      details: { causes, retryAfterSeconds: 1 },
      code: 504,
    },
  }
}
