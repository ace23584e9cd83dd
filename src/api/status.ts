import { unreachable } from './assert.ts'
import type { Status, StatusCause, StatusDetails } from './kinds.generated.ts'
import type { FieldError, Refusal } from './refusal.ts'

/** A Status whose code is known: what every refused request is answered with. */
export type FailureStatus = Status & Readonly<{ code: number }>

type Named = Readonly<{ group: string; resource: string; name: string }>

/**
 * The one place where refusals get their words: code, reason, message and details as k8s.io/apimachinery/pkg/api/errors makes them.
 */
export function statusOf(refusal: Refusal): FailureStatus {
  switch (refusal.reason) {
    case 'BadRequest':
      return failure(400, 'BadRequest', refusal.message)
    case 'Unauthorized':
      return failure(401, 'Unauthorized', 'Unauthorized')
    case 'Forbidden':
      return forbidden(refusal)
    case 'NotFound':
      return failure(404, 'NotFound', `${qualified(refusal)} ${quote(refusal.name)} not found`, named(refusal))
    case 'NoSuchPath':
      return failure(404, 'NotFound', 'the server could not find the requested resource', {})
    case 'AlreadyExists': {
      const prefix = refusal.isLeaving ? 'object is being deleted: ' : ''
      const message = `${prefix}${qualified(refusal)} ${quote(refusal.name)} already exists`
      return failure(409, 'AlreadyExists', message, named(refusal))
    }
    case 'Conflict': {
      const message = `Operation cannot be fulfilled on ${qualified(refusal)} ${quote(refusal.name)}: ${refusal.message}`
      return failure(409, 'Conflict', message, named(refusal))
    }
    case 'ApplyConflict':
      return applyConflict(refusal.causes)
    case 'Invalid':
      return invalid(refusal)
    case 'MethodNotAllowed':
      return failure(405, 'MethodNotAllowed', refusal.message, {})
    case 'NotAcceptable':
      return failure(406, 'NotAcceptable', refusal.message, {})
    case 'UnsupportedMediaType':
      return failure(415, 'UnsupportedMediaType', refusal.message)
    case 'RequestEntityTooLarge':
      return failure(413, 'RequestEntityTooLarge', refusal.message)
    case 'Expired':
      return failure(410, 'Expired', refusal.message)
    case 'Timeout':
      return failure(504, 'Timeout', refusal.message, retryAfter(refusal.retryAfterSeconds))
    case 'TooManyRequests':
      return failure(429, 'TooManyRequests', refusal.message, retryAfter(refusal.retryAfterSeconds))
    case 'ServiceUnavailable':
      return failure(503, 'ServiceUnavailable', refusal.message)
    case 'InternalError': {
      const details = { causes: [{ message: refusal.message }] }
      return failure(500, 'InternalError', `Internal error occurred: ${refusal.message}`, details)
    }
    case 'Passed':
      return { ...refusal.status, code: refusal.status.code ?? 500 }
    default:
      return unreachable(refusal)
  }
}

function failure(code: number, reason: string, message: string, details?: StatusDetails): FailureStatus {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason } as const
  return details === undefined ? { ...head, code } : { ...head, details, code }
}

function quote(text: string): string {
  return JSON.stringify(text)
}

function qualified({ group, resource }: Pick<Named, 'group' | 'resource'>): string {
  return group === '' ? resource : `${resource}.${group}`
}

function named({ group, resource, name }: Named): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource }
}

function retryAfter(seconds: number | undefined): StatusDetails {
  return seconds === undefined ? {} : { retryAfterSeconds: seconds }
}

/** `resource` is 'pods' or 'deployments.apps'; without it the request named no resource. */
function forbidden({ resource, name, message }: Extract<Refusal, { reason: 'Forbidden' }>): FailureStatus {
  if (resource === undefined) return failure(403, 'Forbidden', `forbidden: ${message}`, {})
  const [plural = '', ...group] = resource.split('.')
  const details = named({ group: group.join('.'), resource: plural, name: name ?? '' })
  const subject = name === undefined || name === '' ? resource : `${resource} ${quote(name)}`
  return failure(403, 'Forbidden', `${subject} is forbidden: ${message}`, details)
}

function invalid({ group, kind, name, errors }: Extract<Refusal, { reason: 'Invalid' }>): FailureStatus {
  const subject = `${qualified({ group, resource: kind })} ${quote(name)} is invalid`
  const details: StatusDetails = { ...named({ group, resource: kind, name }), causes: errors.map(causeOf) }
  const { kind: detailKind, ...nameless } = details
  return failure(422, 'Invalid', `${subject}: ${joined(errors)}`, detailKind === '' ? nameless : details)
}

function causeOf({ reason, message, field }: FieldError): StatusCause {
  return { reason, message, field }
}

/** One error stands alone, several in brackets, repeated ones once: apimachinery's Aggregate. */
function joined(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)))]
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

/** As fieldmanager.NewConflictError. */
function applyConflict(causes: Extract<Refusal, { reason: 'ApplyConflict' }>['causes']): FailureStatus {
  const plural = causes.length === 1 ? '' : 's'
  const listed = causes.map(({ field, message }) => ({ reason: 'FieldManagerConflict', message, field }))
  return failure(409, 'Conflict', `Apply failed with ${causes.length} conflict${plural}: ${conflictText(causes)}`, {
    causes: listed,
  })
}

/** One conflict in a line; several grouped by manager. */
function conflictText(causes: readonly Readonly<{ field: string; message: string }>[]): string {
  const [only] = causes
  if (causes.length === 1 && only !== undefined) return `${only.message}: ${only.field}`
  const byManager = new Map<string, string[]>()
  for (const { field, message } of causes) byManager.set(message, [...(byManager.get(message) ?? []), `- ${field}`])
  const groups = [...byManager].sort(([a], [b]) => (a < b ? -1 : 1))
  return groups
    .map(([message, fields]) => `${message.replace(/^conflict with/, 'conflicts with')}:\n${fields.join('\n')}`)
    .join('\n')
}
