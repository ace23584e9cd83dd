import type { Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { User } from '../call.ts'
import type { Expression } from '../configuration/expression.ts'
import { timedCache } from '../configuration/timed-cache.ts'
import { callWebhook, type WebhookEndpoint } from '../configuration/webhook-endpoint.ts'
import { type Authorizer, type Decision, noOpinion, type Wish } from './decision.ts'

export type WebhookAuthorizerConfig = Readonly<{
  timeoutMs: number
  /** 0: not kept. */
  authorizedMs: number
  unauthorizedMs: number
  version: 'v1' | 'v1beta1'
  onFailure: 'deny' | 'no opinion'
  /** All must hold for the webhook to be asked. */
  conditions: readonly Expression[]
}>

type Parts = Readonly<{ http: Pick<Http, 'request'>; clock: Clock; endpoint: () => WebhookEndpoint }>

const cachedAnswers = 8192

type Status = Readonly<{ allowed?: boolean; denied?: boolean; reason?: string; evaluationError?: string }>

/** Asks a service by SubjectAccessReview: apiserver/plugin/pkg/authorizer/webhook. */
export function webhookAuthorizer(config: WebhookAuthorizerConfig, { http, clock, endpoint }: Parts): Authorizer {
  const known = timedCache<Decision>(clock, cachedAnswers)
  const failed = (error: string): Decision => ({ verdict: config.onFailure, reason: '', error })
  const ask = async (spec: object, key: string): Promise<Decision> => {
    const apiVersion = `authorization.k8s.io/${config.version}`
    const body = { kind: 'SubjectAccessReview', apiVersion, spec: specIn(config.version, spec) }
    const answered: Result<unknown, string> = await callWebhook(http, endpoint(), body, config.timeoutMs)
    if (!answered.ok) return failed(answered.error)
    const status = ((answered.value ?? {}) as Readonly<{ status?: Status }>).status ?? {}
    if (status.allowed === true && status.denied === true) {
      return {
        verdict: 'deny',
        reason: '',
        error: 'webhook subject access review returned both allow and deny response',
      }
    }
    const verdict = status.denied === true ? 'deny' : status.allowed === true ? 'allow' : 'no opinion'
    const decision: Decision = { verdict, reason: status.reason ?? '' }
    known.set(key, decision, status.allowed === true ? config.authorizedMs : config.unauthorizedMs)
    return decision
  }
  return {
    authorize(user, wish) {
      const spec = reviewSpec(user, wish)
      const unmet = unmetCondition(config.conditions, () => conditionRequest(user, wish))
      if (unmet === 'unmet') return noOpinion('')
      if (unmet !== undefined) return failed(unmet.error)
      const key = JSON.stringify(spec)
      return known.get(key) ?? ask(spec, key)
    },
  }
}

function unmetCondition(
  conditions: readonly Expression[],
  requestOf: () => object,
): 'unmet' | Readonly<{ error: string }> | undefined {
  if (conditions.length === 0) return undefined
  const request = requestOf()
  let error: string | undefined
  for (const condition of conditions) {
    const outcome = condition({ request })
    if (!outcome.ok) error ??= outcome.error
    else if (outcome.value !== true) return 'unmet'
  }
  return error === undefined ? undefined : { error }
}

/** The spec of the review as conditions see it: texts that are not said are empty, not missing. */
function conditionRequest({ name, uid = '', groups, extra = {} }: User, wish: Wish): object {
  const who = { user: name, uid, groups, extra }
  if (!wish.isResource) return { ...who, nonResourceAttributes: { path: wish.path, verb: wish.verb } }
  const { namespace, verb, group, version = '', resource, subresource, name: object } = wish
  const resourceAttributes = { namespace, verb, group, version, resource, subresource, name: object }
  const { resourceAttributes: said } = reviewSpec({ name, groups }, wish) as Readonly<{ resourceAttributes: object }>
  return { ...who, resourceAttributes: { ...said, ...resourceAttributes } }
}

function reviewSpec(user: User, wish: Wish): object {
  const { name, uid, groups, extra } = user
  const who = { user: name, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }
  if (!wish.isResource) return { nonResourceAttributes: { path: wish.path, verb: wish.verb }, ...who }
  const { namespace, verb, group, version, resource, subresource, name: object, fieldSelector, labelSelector } = wish
  const said = { namespace, verb, group, version, resource, subresource, name: object }
  const filled = Object.fromEntries(Object.entries(said).filter(([, value]) => value))
  const fields = fieldSelector?.map(({ field, value, negated }) => ({
    key: field,
    operator: negated ? 'NotIn' : 'In',
    values: [value],
  }))
  const labels = labelSelector?.flatMap(({ key, operator, values }) => {
    const known = labelOperators[operator]
    return known === undefined ? [] : [{ key, operator: known, ...(values.length === 0 ? {} : { values }) }]
  })
  const resourceAttributes = {
    ...filled,
    ...(fields?.length ? { fieldSelector: { requirements: fields } } : {}),
    ...(labels?.length ? { labelSelector: { requirements: labels } } : {}),
  }
  return { resourceAttributes, ...who }
}

const labelOperators: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
}

/** v1beta1 calls the groups 'group'. */
function specIn(version: 'v1' | 'v1beta1', spec: object): object {
  if (version === 'v1') return spec
  const { groups, ...rest } = spec as Readonly<{ groups?: unknown }>
  return { ...rest, group: groups }
}
