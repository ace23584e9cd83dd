import type { Refusal } from './refusal.ts'

/** Why a patch could not be applied. */
export type PatchError = Readonly<{
  /**
   * BadRequest: not a patch at all. TooLarge: more operations than allowed. Unprocessable: a patch that does not fit the object.
   * Failed: what the original answers with a bare 500.
   */
  reason: 'BadRequest' | 'TooLarge' | 'Unprocessable' | 'Failed'
  message: string
}>

/**
 * The refusal clients see. For an unprocessable patch the original sends a fixed sentence and keeps the details to itself:
 * `message` is for logs and tests.
 */
export function patchRefusal({ reason, message }: PatchError): Refusal {
  switch (reason) {
    case 'BadRequest':
      return { reason: 'BadRequest', message }
    case 'TooLarge':
      return { reason: 'RequestEntityTooLarge', message }
    case 'Unprocessable':
      return passed(422, 'the server rejected our request due to an error in our request', {
        reason: 'Invalid',
        details: {},
      })
    case 'Failed':
      return passed(500, message, {})
  }
}

function passed(code: number, message: string, more: Readonly<{ reason?: string; details?: object }>): Refusal {
  return {
    reason: 'Passed',
    status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...more, code },
  }
}
