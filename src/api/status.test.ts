import { describe, expect, it } from 'vitest'
import type { Refusal } from './refusal.ts'
import { statusOf } from './status.ts'

const name = { group: 'apps', resource: 'deployments', name: 'd' }
const error = (field: string, message: string) => ({ reason: 'FieldValueInvalid', field, message })
const invalid = { reason: 'Invalid', group: 'apps', kind: 'Deployment', name: 'd' } as const
const conflict = (manager: string, field: string) => ({ field, message: `conflict with "${manager}"` })

const cases: readonly (readonly [Refusal, number, string, string])[] = [
  [{ reason: 'NotFound', ...name }, 404, 'NotFound', 'deployments.apps "d" not found'],
  [{ reason: 'NotFound', group: '', resource: 'pods', name: 'p' }, 404, 'NotFound', 'pods "p" not found'],
  [{ reason: 'AlreadyExists', ...name }, 409, 'AlreadyExists', 'deployments.apps "d" already exists'],
  [
    { reason: 'Conflict', ...name, message: 'why' },
    409,
    'Conflict',
    'Operation cannot be fulfilled on deployments.apps "d": why',
  ],
  [
    { reason: 'Forbidden', resource: 'deployments.apps', name: 'd', message: 'why' },
    403,
    'Forbidden',
    'deployments.apps "d" is forbidden: why',
  ],
  [{ reason: 'Forbidden', resource: 'pods', message: 'why' }, 403, 'Forbidden', 'pods is forbidden: why'],
  [{ reason: 'Forbidden', message: 'why' }, 403, 'Forbidden', 'forbidden: why'],
  [{ ...invalid, errors: [error('a', 'x')] }, 422, 'Invalid', 'Deployment.apps "d" is invalid: a: x'],
  [
    { ...invalid, errors: [error('a', 'x'), error('b', 'y'), error('a', 'x')] },
    422,
    'Invalid',
    'Deployment.apps "d" is invalid: [a: x, b: y]',
  ],
  [
    { reason: 'ApplyConflict', causes: [conflict('a', '.data.x')] },
    409,
    'Conflict',
    'Apply failed with 1 conflict: conflict with "a": .data.x',
  ],
  [
    { reason: 'ApplyConflict', causes: [conflict('b', '.y'), conflict('a', '.x'), conflict('b', '.z')] },
    409,
    'Conflict',
    'Apply failed with 3 conflicts: conflicts with "a":\n- .x\nconflicts with "b":\n- .y\n- .z',
  ],
  [{ reason: 'InternalError', message: 'why' }, 500, 'InternalError', 'Internal error occurred: why'],
  [{ reason: 'Unauthorized' }, 401, 'Unauthorized', 'Unauthorized'],
]

describe('statusOf', () => {
  it.each(cases)('words %j', (refusal, code, reason, message) => {
    expect(statusOf(refusal)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code,
      reason,
      message,
    })
  })

  it('names what it is about', () => {
    expect(statusOf({ reason: 'NotFound', ...name }).details).toEqual({ name: 'd', group: 'apps', kind: 'deployments' })
    expect(statusOf({ ...invalid, errors: [error('a', 'x')] }).details).toEqual({
      name: 'd',
      group: 'apps',
      kind: 'Deployment',
      causes: [{ reason: 'FieldValueInvalid', message: 'x', field: 'a' }],
    })
    const later: Refusal = { reason: 'TooManyRequests', message: 'x', retryAfterSeconds: 3 }
    expect(statusOf(later).details).toEqual({ retryAfterSeconds: 3 })
  })
})
