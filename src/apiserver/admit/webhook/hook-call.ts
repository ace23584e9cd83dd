import type { JsonObject } from '../../../api/json-value.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { statusOf } from '../../../api/status.ts'
import { newUid } from '../../object-meta.ts'
import type { Attributes } from '../admission.ts'
import {
  admissionReview,
  type Reviewed,
  reviewVersion,
  type Verdict,
  verdictOf,
  versionProblem,
} from './admission-review.ts'
import { type ClientParts, callHook } from './hook-client.ts'
import type { Hook } from './hook-index.ts'

export type Outcome = Readonly<
  | { type: 'allowed'; verdict: Verdict }
  /** The webhook said no. */
  | { type: 'rejected'; refusal: Refusal }
  /** Nobody said anything that could be understood: failurePolicy decides. */
  | { type: 'failed'; message: string; code: number }
  /** It could not be asked at all, whatever failurePolicy says. */
  | { type: 'unaskable'; refusal: Refusal }
>

const longestMs = 30_000

/** Asks one webhook. */
export async function askHook(
  parts: ClientParts,
  { webhook }: Hook,
  attributes: Attributes,
  reviewed: Reviewed,
  isMutating: boolean,
): Promise<Outcome> {
  const { name, clientConfig, sideEffects, admissionReviewVersions, timeoutSeconds } = webhook
  if (attributes.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    const message = `admission webhook ${JSON.stringify(name)} does not support dry run`
    return { type: 'unaskable', refusal: { reason: 'BadRequest', message } }
  }
  const version = reviewVersion(admissionReviewVersions)
  if (version === undefined) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)'
    return failed(name, `could not create admission objects: ${why}`, 400)
  }
  const uid = newUid(parts.random)
  const review = admissionReview(version, uid, attributes, reviewed)
  const ownMs = timeoutSeconds === undefined ? longestMs : timeoutSeconds * 1000
  const answer = await callHook(
    parts,
    clientConfig,
    review,
    Math.min(ownMs, attributes.deadlineMs - parts.clock.nowMs()),
  )
  if (!answer.ok) return failed(name, answer.error.message, answer.error.code)
  const unread = versionProblem(answer.value, version)
  if (unread !== undefined) return failed(name, `failed to call webhook: ${unread}`, 503)
  const verdict = verdictOf(answer.value, version, uid, isMutating)
  if (!verdict.ok) return failed(name, `received invalid webhook response: ${verdict.error}`, 503)
  for (const [key, value] of Object.entries(verdict.value.auditAnnotations)) {
    attributes.annotate(`${name}/${key}`, String(value))
  }
  for (const warning of verdict.value.warnings) attributes.warn(warning)
  if (verdict.value.allowed) return { type: 'allowed', verdict: verdict.value }
  return { type: 'rejected', refusal: rejection(name, verdict.value.result ?? {}) }
}

function failed(name: string, why: string, code: number): Outcome {
  return { type: 'failed', message: `failed calling webhook ${JSON.stringify(name)}: ${why}`, code }
}

/** The webhook's own Status, which is a failure whatever it says: apiserver's ToStatusErr. */
function rejection(name: string, result: JsonObject): Refusal {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`
  const why = result.message || result.reason
  const message = why ? `${deniedBy}: ${why}` : `${deniedBy} without explanation`
  const code = typeof result.code === 'number' && result.code >= 400 ? result.code : 400
  const {
    metadata = {},
    reason,
    details,
  } = result as Readonly<{ metadata?: object; reason?: string; details?: object }>
  const head = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message } as const
  return { reason: 'Passed', status: { ...head, ...(reason && { reason }), ...(details && { details }), code } }
}

/** How a refusal is counted. */
export function codeOf(outcome: Outcome): number {
  switch (outcome.type) {
    case 'allowed':
      return 200
    case 'failed':
      return outcome.code
    case 'rejected':
      return statusOf(outcome.refusal).code
    case 'unaskable':
      return 0
  }
}
