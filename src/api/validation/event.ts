import { equalJson } from '../json-value.ts'
import type { Event } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { type Errors, immutable, invalid, invalidEach, isUnset, required } from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

/**
 * A new event, as pkg/apis/core/validation/events.go. Through v1 nothing else is looked at, not even metadata, as it never was;
 * `isStrict`: through events.k8s.io, whose events are timed.
 */
export function validateEvent(event: Event, isStrict: boolean): Errors {
  return [...validateAnyEvent(event, isStrict), ...(isStrict ? validateStrictly(event) : [])]
}

export function validateEventUpdate(event: Event, old: Event, isStrict: boolean): Errors {
  if (!isStrict) return validateAnyEvent(event, isStrict)
  const isSeriesSame = equalJson(event.series ?? null, old.series ?? null)
  return [
    ...validateAnyEvent(event, isStrict),
    ...validateMetaUpdate(event.metadata, old.metadata),
    ...(isSeriesSame ? [] : validateSeries(event)),
    ...settled.flatMap((field) => immutable(field, event[field] ?? zero[field], old[field] ?? zero[field])),
    ...sameTime(event, old),
    ...immutable('action', event.action ?? '', old.action ?? ''),
    ...immutable('related', event.related, old.related),
    ...immutable('reportingController', event.reportingComponent, old.reportingComponent),
    ...immutable('reportingInstance', event.reportingInstance, old.reportingInstance),
  ]
}

/** In the original's order, reason twice. */
const settled = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
] as const

/** What Go has where nothing is given. */
const zero: Readonly<Partial<Record<(typeof settled)[number], unknown>>> = {
  reason: '',
  message: '',
  type: '',
  count: 0,
}

/** Clients may shorten a time to microseconds. */
function sameTime({ eventTime }: Event, old: Event): Errors {
  const micros = (time: string | null | undefined): string => (time ?? '').replace(/(\.\d{6})\d*/, '$1')
  return micros(eventTime) === micros(old.eventTime) ? [] : immutable('eventTime', eventTime, old.eventTime)
}

function validateStrictly(event: Event): Errors {
  const { type = '', firstTimestamp, lastTimestamp, count = 0, source } = event
  const unset = (field: string): Errors => [invalid(field, '', 'needs to be unset')]
  return [
    ...validateNewMeta(event.metadata, true, dnsSubdomainErrors),
    ...validateSeries(event),
    ...(isTimed(event) ? [] : [required('eventTime')]),
    ...(['Normal', 'Warning'].includes(type) ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...(isUnset(firstTimestamp) ? [] : unset('firstTimestamp')),
    ...(isUnset(lastTimestamp) ? [] : unset('lastTimestamp')),
    ...(count === 0 ? [] : unset('count')),
    ...((source?.component ?? '') === '' && (source?.host ?? '') === '' ? [] : unset('source')),
  ]
}

function validateSeries({ series }: Event): Errors {
  if (isUnset(series)) return []
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(isUnset(series.lastObservedTime) ? [required('series.lastObservedTime')] : []),
  ]
}

function validateAnyEvent(event: Event, isStrict: boolean): Errors {
  const namespace = event.metadata?.namespace ?? ''
  return [
    ...validateInvolved(event, namespace),
    ...(isTimed(event) ? validateTimed(event, isStrict ? 'reportingController' : 'reportingComponent') : []),
    ...invalidEach('namespace', namespace, dnsSubdomainErrors(namespace)),
  ]
}

function isTimed({ eventTime }: Event): boolean {
  return eventTime !== undefined && eventTime !== null
}

/** Events of cluster-scoped objects live in the default namespace. */
function validateInvolved(event: Event, namespace: string): Errors {
  const involved = event.involvedObject?.namespace ?? ''
  const elsewhere = isTimed(event) ? ['default', 'kube-system'] : ['', 'default']
  const fits = involved === '' ? elsewhere.includes(namespace) : isTimed(event) || involved === namespace
  return fits ? [] : [invalid('involvedObject.namespace', involved, 'does not match event.namespace')]
}

function atMost(field: string, text: string, most: number): Errors {
  return text.length > most ? [invalid(field, '', `can have at most ${most} characters`)] : []
}

function validateTimed(event: Event, reporter: string): Errors {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event
  return [
    ...(reportingComponent === '' ? [required(reporter)] : []),
    ...invalidEach(reporter, reportingComponent, labelKeyErrors(reportingComponent)),
    ...(reportingInstance === '' ? [required('reportingInstance')] : []),
    ...atMost('reportingInstance', reportingInstance, 128),
    ...(action === '' ? [required('action')] : []),
    ...atMost('action', action, 128),
    ...(reason === '' ? [required('reason')] : []),
    ...atMost('reason', reason, 128),
    ...atMost('message', message, 1024),
  ]
}
