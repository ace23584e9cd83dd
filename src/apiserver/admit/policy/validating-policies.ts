import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import { type Judged, judge } from '../../../cel/policies/validating-policy.ts'
import type { Attributes, Plugin } from '../admission.ts'
import type { Reviewed } from '../webhook/admission-review.ts'
import { reviewedAs } from '../webhook/form.ts'
import { type MatchParts, namespaceOf } from '../webhook/hook-match.ts'
import { deniedByValidation } from './denied.ts'
import type { Binding, BoundPolicy, ValidatingPolicies } from './policy-index.ts'
import { isPolicyFree, matchedKind } from './policy-match.ts'
import { type ParamParts, paramKindOf, paramsOf } from './policy-params.ts'
import { isSameKind, policyInput, type RequestParts, requestNamespace } from './policy-request.ts'

export type PolicyParts = MatchParts & ParamParts & RequestParts

type Bound = ReturnType<ValidatingPolicies['policies']>[number]

/** What a policy has to say, and with which binding. */
type Denial = Readonly<{ policy: string; binding?: string; message: string; reason: string }>

/** The policies that are for a request, with the kind as which each wants to see it. */
type Wanted = Readonly<{ bound: Bound; reviewed: Reviewed }>

/** Judges requests by the ValidatingAdmissionPolicies. Answers at once, but where an object has to be converted first. */
export function validatingAdmissionPolicies(parts: PolicyParts, index: ValidatingPolicies): Plugin {
  return {
    validate(attributes, object) {
      const policies = isPolicyFree(attributes) ? [] : index.policies()
      if (policies.length === 0) return undefined
      const denials: Denial[] = []
      const wanted = matching(parts, policies, attributes, object, denials)
      if (wanted.every(({ kind }) => isSameKind(kind, attributes.kind))) {
        const { before } = attributes
        const own = { kind: attributes.kind, object, ...(before && { before }) }
        return judgeAll(
          parts,
          attributes,
          object,
          wanted.map(({ bound }) => ({ bound, reviewed: own })),
          denials,
        )
      }
      return converted(attributes, object, wanted).then((reviewed) =>
        reviewed.ok ? judgeAll(parts, attributes, object, reviewed.value, denials) : reviewed.error,
      )
    },
  }
}

type Matching = Readonly<{ bound: Bound; kind: Attributes['kind'] }>

function matching(
  parts: PolicyParts,
  policies: readonly Bound[],
  attributes: Attributes,
  object: ApiObject,
  denials: Denial[],
): readonly Matching[] {
  return policies.flatMap((bound): Matching[] => {
    const kind = matchedKind(parts, bound.policy.spec?.matchConstraints ?? {}, attributes, object)
    if (kind.ok) return kind.value === undefined ? [] : [{ bound, kind: kind.value }]
    misconfigured(bound, kind.error, denials)
    return []
  })
}

async function converted(
  attributes: Attributes,
  object: ApiObject,
  wanted: readonly Matching[],
): Promise<Result<readonly Wanted[], Refusal>> {
  const found: Wanted[] = []
  for (const { bound, kind } of wanted) {
    const reviewed = await reviewedAs(kind, attributes, object)
    if (!reviewed.ok) return reviewed
    found.push({ bound, reviewed: reviewed.value })
  }
  return ok(found)
}

function misconfigured(
  { name, compiled }: BoundPolicy<unknown, Bound['compiled']>,
  why: string,
  denials: Denial[],
  binding?: string,
): void {
  if (!compiled.isFailing) return
  const what = binding === undefined ? 'policy' : 'binding'
  const message = `failed to configure ${what}: ${why}`
  denials.push({ policy: name, message, reason: '', ...(binding === undefined ? {} : { binding }) })
}

function judgeAll(
  parts: PolicyParts,
  attributes: Attributes,
  object: ApiObject,
  wanted: readonly Wanted[],
  denials: Denial[],
): Refusal | undefined {
  for (const one of wanted) {
    const fault = judgeOne(parts, attributes, object, one, denials)
    if (!fault.ok) return fault.error
  }
  const [first] = denials
  if (first === undefined) return undefined
  const by = first.binding === undefined ? '' : ` with binding '${first.binding}'`
  const message = `ValidatingAdmissionPolicy '${first.policy}'${by} denied request: ${first.message}`
  return deniedByValidation(attributes, object, message, first.reason)
}

function judgeOne(
  parts: PolicyParts,
  attributes: Attributes,
  object: ApiObject,
  { bound, reviewed }: Wanted,
  denials: Denial[],
): Result<undefined, Refusal> {
  const { paramKind } = bound.policy.spec ?? {}
  const kind = paramKind === undefined ? ok(undefined) : paramKindOf(parts, paramKind)
  if (!kind.ok) {
    misconfigured(bound, kind.error, denials)
    return ok(undefined)
  }
  const annotations = new Map<string, string[]>()
  for (const binding of bound.bindings) {
    const matches = isBound(parts, binding, attributes, object)
    const params =
      matches.ok && matches.value ? paramsOf(parts, kind.value, binding, namespaceOf(attributes, object)) : ok([])
    const problem = !matches.ok ? matches.error : params.ok ? undefined : params.error
    if (problem !== undefined) misconfigured(bound, problem, denials, binding.name)
    if (!matches.ok || !matches.value || !params.ok) continue
    const namespace = requestNamespace(parts, attributes, object)
    if (!namespace.ok) return namespace
    for (const param of params.value) {
      const judged = judge(bound.compiled, policyInput(parts, attributes, reviewed, param, namespace.value))
      act(attributes, bound.name, binding, judged, denials)
      for (const { key, value } of judged.annotations) gather(annotations, key, value)
    }
  }
  for (const [key, values] of annotations) attributes.annotate(`${bound.name}/${key}`, values.join(', '))
  return ok(undefined)
}

function isBound(
  parts: PolicyParts,
  { matchResources }: Binding,
  attributes: Attributes,
  object: ApiObject,
): Result<boolean, string> {
  if (matchResources === undefined || matchResources === null) return ok(true)
  const kind = matchedKind(parts, matchResources, attributes, object)
  return kind.ok ? ok(kind.value !== undefined) : fail(kind.error)
}

function gather(annotations: Map<string, string[]>, key: string, value: string): void {
  const values = annotations.get(key) ?? []
  if (!values.includes(value)) annotations.set(key, [...values, value])
}

function act(attributes: Attributes, policy: string, binding: Binding, judged: Judged, denials: Denial[]): void {
  const { name, validationActions } = binding
  for (const { index, message, reason } of judged.denials) {
    for (const action of validationActions) {
      if (action === 'Deny') denials.push({ policy, binding: name, message, reason })
      if (action === 'Warn') {
        attributes.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${name}': ${message}`,
        )
      }
      if (action !== 'Audit') continue
      const failure = { message, policy, binding: name, expressionIndex: index, validationActions }
      attributes.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]))
    }
  }
  for (const { message, reason } of judged.faults) denials.push({ policy, binding: name, message, reason })
}
