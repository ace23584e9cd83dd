import { fields, list } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { dnsSubdomainErrors } from '../../api/validation/names.ts'
import type { WebhookAuthorizerConfig } from '../authorize/webhook-authorizer.ts'
import { type ConfigForm, durationMs, parseConfig } from './config-text.ts'
import type { Expressions } from './expression.ts'

/** One link of the chain of authorizers. */
export type AuthorizerConfig =
  | Readonly<{ type: 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny'; name: string }>
  | Readonly<{ type: 'Webhook'; name: string; kubeconfigFile: string; webhook: WebhookAuthorizerConfig }>

type WebhookFile = Readonly<{
  timeout?: string
  authorizedTTL?: string
  cacheAuthorizedRequests?: boolean
  unauthorizedTTL?: string
  cacheUnauthorizedRequests?: boolean
  subjectAccessReviewVersion?: string
  matchConditionSubjectAccessReviewVersion?: string
  failurePolicy?: string
  connectionInfo?: Readonly<{ type?: string; kubeConfigFile?: string }>
  matchConditions?: readonly Readonly<{ expression?: string }>[]
}>
type File = Readonly<{
  authorizers?: readonly Readonly<{ type?: string; name?: string; webhook?: WebhookFile }>[] | null
}>

const form: ConfigForm = {
  kind: 'AuthorizationConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1', 'apiserver.config.k8s.io/v1alpha1'],
  shapes: {
    authorizers: list(
      fields({
        type: 'string',
        name: 'string',
        webhook: fields({
          timeout: 'string',
          authorizedTTL: 'string',
          cacheAuthorizedRequests: 'boolean',
          unauthorizedTTL: 'string',
          cacheUnauthorizedRequests: 'boolean',
          subjectAccessReviewVersion: 'string',
          matchConditionSubjectAccessReviewVersion: 'string',
          failurePolicy: 'string',
          connectionInfo: fields({ type: 'string', kubeConfigFile: 'string' }),
          matchConditions: list(fields({ expression: 'string' })),
        }),
      }),
    ),
  },
}

const simpleTypes = ['Node', 'RBAC', 'AlwaysAllow', 'AlwaysDeny'] as const
const mostConditions = 64
const mostTimeoutMs = 30_000

/** AuthorizationConfiguration, read and checked as apiserver's ValidateAuthorizationConfiguration. */
export function parseAuthorizationConfig(
  text: string,
  expressions: Expressions,
): Result<readonly AuthorizerConfig[], string> {
  const parsed = parseConfig<File>(text, form)
  if (!parsed.ok) return parsed
  const entries = parsed.value.authorizers ?? []
  const faults: string[] = entries.length === 0 ? ['authorizers: at least one authorization mode must be defined'] : []
  const seen = new Set<string>()
  const chain = entries.flatMap(({ type = '', name = '', webhook }, at): AuthorizerConfig[] => {
    const path = `authorizers[${at}]`
    if (seen.has(`name ${name}`)) faults.push(`${path}.name: Duplicate value: ${JSON.stringify(name)}`)
    if (name === '') faults.push(`${path}.name: Required value`)
    else faults.push(...dnsSubdomainErrors(name).map((why) => `${path}.name: ${why}`))
    seen.add(`name ${name}`)
    if (type === 'Webhook') {
      const compiled = webhookConfig(name, webhook ?? {}, `${path}.webhook`, expressions)
      if (compiled.ok) return [compiled.value]
      faults.push(...compiled.error)
      return []
    }
    const simple = simpleTypes.find((known) => known === type)
    if (simple === undefined) faults.push(`${path}.type: Unsupported value: ${JSON.stringify(type)}`)
    if (seen.has(`type ${type}`)) faults.push(`${path}.type: Duplicate value: ${JSON.stringify(type)}`)
    seen.add(`type ${type}`)
    if (webhook) faults.push(`${path}.webhook: may only be specified when type=Webhook`)
    return simple === undefined ? [] : [{ type: simple, name }]
  })
  return faults.length === 0 ? ok(chain) : fail(faults.join('; '))
}

function webhookConfig(
  name: string,
  file: WebhookFile,
  path: string,
  expressions: Expressions,
): Result<AuthorizerConfig, readonly string[]> {
  const faults: string[] = []
  const duration = (text: string | undefined, field: string, standard: number | undefined, isCached = true): number => {
    if (text === undefined && standard !== undefined) return standard
    const ms = durationMs(text ?? '')
    if (ms === undefined || (ms <= 0 && isCached)) {
      faults.push(
        `${path}.${field}: ${text === undefined ? 'Required value' : `must be a duration above 0s, not ${text}`}`,
      )
    }
    return ms ?? 0
  }
  const timeoutMs = duration(file.timeout, 'timeout', undefined)
  if (timeoutMs > mostTimeoutMs) faults.push(`${path}.timeout: must be <= 30s`)
  const authorizedMs = duration(file.authorizedTTL, 'authorizedTTL', 300_000)
  const unauthorizedMs = duration(file.unauthorizedTTL, 'unauthorizedTTL', 30_000)
  const { subjectAccessReviewVersion: version, failurePolicy, connectionInfo = {}, matchConditions = [] } = file
  if (version !== 'v1' && version !== 'v1beta1') {
    faults.push(`${path}.subjectAccessReviewVersion: must be v1 or v1beta1`)
  }
  if (matchConditions.length > 0 && file.matchConditionSubjectAccessReviewVersion !== 'v1') {
    faults.push(`${path}.matchConditionSubjectAccessReviewVersion: must be v1 where there are matchConditions`)
  }
  if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny') {
    faults.push(`${path}.failurePolicy: must be NoOpinion or Deny`)
  }
  if (connectionInfo.type !== 'KubeConfigFile' || !connectionInfo.kubeConfigFile?.startsWith('/')) {
    faults.push(`${path}.connectionInfo: must be of type KubeConfigFile with an absolute path as its kubeConfigFile`)
  }
  if (matchConditions.length > mostConditions) faults.push(`${path}.matchConditions: must have at most 64 items`)
  const conditions = matchConditions.flatMap(({ expression = '' }, at) => {
    const compiled = expressions(expression, ['request'], ['bool'])
    if (!compiled.ok) faults.push(`${path}.matchConditions[${at}].expression: ${compiled.error}`)
    return compiled.ok ? [compiled.value] : []
  })
  if (faults.length > 0) return fail(faults)
  return ok({
    type: 'Webhook',
    name,
    kubeconfigFile: connectionInfo.kubeConfigFile ?? '',
    webhook: {
      timeoutMs,
      authorizedMs: file.cacheAuthorizedRequests === false ? 0 : authorizedMs,
      unauthorizedMs: file.cacheUnauthorizedRequests === false ? 0 : unauthorizedMs,
      version: version === 'v1beta1' ? 'v1beta1' : 'v1',
      onFailure: failurePolicy === 'Deny' ? 'deny' : 'no opinion',
      conditions,
    },
  })
}
