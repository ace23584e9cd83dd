import { decodeKind } from '../../../api/custom/decode-kind.ts'
import { applyDefaults } from '../../../api/defaults/apply-defaults.ts'
import { applyJsonPatch } from '../../../api/json-patch.ts'
import { JsonSyntaxError, parseJsonText, plainJson } from '../../../api/json-text.ts'
import { equalJson, jsonTypeName } from '../../../api/json-value.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import { statusOf } from '../../../api/status.ts'
import type { Attributes, Plugin } from '../admission.ts'
import type { Reviewed, Verdict } from './admission-review.ts'
import { admittedForm, reviewedAs } from './form.ts'
import { askHook } from './hook-call.ts'
import type { HookIndex } from './hook-index.ts'
import { type Invocation, invocationOf, isExempt } from './hook-match.ts'
import { afterFailure, type HookParts, isLetThrough } from './hook-parts.ts'

/** What the webhooks of one request have done so far: those that ask for it see once more what others changed after them. */
type Round = {
  number: 0 | 1
  /** What the last webhook left. */
  output: ApiObject | undefined
  /** Webhooks that want to be asked again if something changes. */
  attentive: Set<string>
  /** Webhooks to ask again. */
  again: Set<string>
  isChanged: boolean
}

/** Asks the mutating webhooks, one after the other, as apiserver's MutatingAdmissionWebhook. */
export function mutatingWebhooks(parts: HookParts, index: HookIndex): Plugin {
  const rounds = new WeakMap<Attributes, Round>()
  return {
    mutate(attributes, object) {
      const hooks = isExempt(attributes) ? [] : index.hooks()
      // Nothing is awaited where nobody is to be asked.
      for (let at = 0; at < hooks.length; at++) {
        const hook = hooks[at]
        if (hook === undefined) continue
        const invocation = invocationOf(parts, hook, attributes, object)
        if (!invocation.ok) return invocation
        if (invocation.value === undefined) continue
        const round = rounds.get(attributes) ?? newRound()
        rounds.set(attributes, round)
        return askFrom(parts, index, at, attributes, object, round)
      }
      return ok(object)
    },
    wantsAgain(attributes) {
      const round = rounds.get(attributes)
      if (round === undefined || !round.isChanged || round.number === 1) return false
      round.number = 1
      return true
    },
  }
}

function newRound(): Round {
  return { number: 0, output: undefined, attentive: new Set(), again: new Set(), isChanged: false }
}

async function askFrom(
  parts: HookParts,
  index: HookIndex,
  first: number,
  attributes: Attributes,
  object: ApiObject,
  round: Round,
): Promise<Result<ApiObject, Refusal>> {
  if (round.number === 1 && !equalJson(round.output, object)) askAgain(round)
  const hooks = index.hooks()
  let seen = object
  for (let at = first; at < hooks.length; at++) {
    const hook = hooks[at]
    if (hook === undefined) continue
    const invocation = invocationOf(parts, hook, attributes, seen)
    if (!invocation.ok) return invocation
    if (invocation.value === undefined) continue
    if (round.number === 1 && !round.again.has(hook.uid)) continue
    const result = await askOne(parts, invocation.value, attributes, seen, { round: round.number, index: at })
    if (!result.ok) return result
    if (!equalJson(seen, result.value)) {
      askAgain(round)
      round.isChanged = true
    }
    if (hook.webhook.reinvocationPolicy === 'IfNeeded') round.attentive.add(hook.uid)
    seen = result.value
  }
  round.output = seen
  return ok(seen)
}

function askAgain(round: Round): void {
  for (const uid of round.attentive) round.again.add(uid)
  round.attentive.clear()
}

type Place = Readonly<{ round: number; index: number }>

async function askOne(
  parts: HookParts,
  { hook, kind }: Invocation,
  attributes: Attributes,
  object: ApiObject,
  place: Place,
): Promise<Result<ApiObject, Refusal>> {
  const reviewed = await reviewedAs(kind, attributes, object)
  if (!reviewed.ok) return reviewed
  const through = isLetThrough(parts, hook, attributes, reviewed.value)
  if (!through.ok) return through
  if (through.value) return ok(object)
  const { name, failurePolicy } = hook.webhook
  const askedMs = parts.clock.monotonicMs()
  const outcome = await askHook(parts, hook, attributes, reviewed.value, true)
  const tookMs = parts.clock.monotonicMs() - askedMs
  attributes.outside(tookMs)
  const isIgnored = outcome.type === 'failed' && failurePolicy === 'Ignore'
  parts.metrics.count({
    name,
    phase: 'admit',
    operation: attributes.operation,
    outcome,
    isIgnored,
    seconds: tookMs / 1000,
  })
  const at = `round_${place.round}_index_${place.index}`
  if (outcome.type !== 'allowed') {
    if (isIgnored) attributes.annotate(`failed-open.mutation.webhook.admission.k8s.io/${at}`, name)
    return afterFailure(parts, attributes, outcome, isIgnored, ok(object))
  }
  const patched = patchedBy(name, attributes, reviewed.value, outcome.verdict)
  if (!patched.ok) return patched
  const isMutated = !equalJson(patched.value, reviewed.value.object)
  const value = JSON.stringify({ configuration: hook.configuration, webhook: name, mutated: isMutated })
  attributes.annotate(`mutation.webhook.admission.k8s.io/${at}`, value)
  return isMutated ? admittedForm(kind, attributes, patched.value) : ok(object)
}

function patchedBy(
  name: string,
  attributes: Attributes,
  { kind, object }: Reviewed,
  { patch, patchType }: Verdict,
): Result<ApiObject, Refusal> {
  const internal = (message: string): Result<never, Refusal> => fail({ reason: 'InternalError', message })
  if (patch === undefined) return ok(object)
  const operations = parsedPatch(patch)
  if (!operations.ok) {
    const why = `received undecodable patch in webhook response: ${operations.error}`
    return internal(`failed calling webhook ${JSON.stringify(name)}: ${why}`)
  }
  if (operations.value.length === 0) return ok(object)
  if (attributes.operation === 'DELETE') {
    const why = 'attempted to modify the object, which is not supported for this operation'
    return internal(`admission webhook ${JSON.stringify(name)} ${why}`)
  }
  if (patchType !== 'JSONPatch') {
    return internal(
      `failed calling webhook ${JSON.stringify(name)}: unsupported patch type ${JSON.stringify(patchType)}`,
    )
  }
  const applied = applyJsonPatch(object, operations.value)
  if (!applied.ok) return internal(applied.error.message)
  const decoded = decodeKind(attributes.body ?? kind, applied.value, { format: 'json' })
  if (!decoded.ok) return internal(decodingProblem(decoded.error))
  return ok(attributes.body === undefined ? applyDefaults(kind, decoded.value.object) : decoded.value.object)
}

/** What is wrong with the patched object, without of what. */
export function decodingProblem(refusal: Refusal): string {
  const message = statusOf(refusal).message ?? ''
  return /cannot be handled as a \w+: ([\s\S]*)$/.exec(message)?.[1] ?? message
}

function parsedPatch(text: string): Result<readonly unknown[], string> {
  try {
    const value = plainJson(parseJsonText(text))
    if (Array.isArray(value)) return ok(value)
    return fail(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type jsonpatch.Patch`)
  } catch (error) {
    if (error instanceof JsonSyntaxError) return fail(error.message)
    throw error
  }
}
