import type { LabelSelector, MutatingWebhook, ObjectMeta, ValidatingWebhook } from '../kinds.generated.ts'
import { validateRuleWithOperations } from './admission-rule.ts'
import {
  child,
  duplicate,
  type Errors,
  index,
  invalid,
  invalidEach,
  isUnset,
  notSupported,
  required,
  sameValue,
} from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { validateMatchConditions } from './match-conditions.ts'
import { dns1035LabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateAnyNewMeta } from './object-meta.ts'
import { validateWebhookService, validateWebhookUrl } from './webhook-client.ts'

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>
type Configuration = Readonly<{ metadata?: ObjectMeta; webhooks?: readonly Webhook[] }>

/** What an update need not mend, because it was stored so. */
type Lenience = Readonly<{
  sideEffects: boolean
  versions: boolean
  names: boolean
  conditions: boolean
  labels: boolean
}>

const strict: Lenience = { sideEffects: false, versions: false, names: false, conditions: false, labels: false }

export function validateWebhookConfiguration(configuration: Configuration): Errors {
  const { metadata = {}, webhooks = [] } = configuration
  return [...validateAnyNewMeta(metadata, false, dnsSubdomainErrors), ...validateWebhooks(webhooks, strict)]
}

export function validateWebhookConfigurationUpdate(configuration: Configuration, old: Configuration): Errors {
  const { metadata = {}, webhooks = [] } = configuration
  const had = old.webhooks ?? []
  const lenience: Lenience = {
    sideEffects: had.some(({ sideEffects }) => !harmless.includes(sideEffects)),
    versions: had.some(({ admissionReviewVersions: versions = [] }) => versions.length > 0 && !knowsReview(versions)),
    names: new Set(had.map(({ name }) => name)).size < had.length,
    conditions: sameConditions(webhooks, had),
    labels: had.some(hasWrongSelector),
  }
  return [...validateAnyNewMeta(metadata, false, dnsSubdomainErrors), ...validateWebhooks(webhooks, lenience)]
}

function sameConditions(webhooks: readonly Webhook[], had: readonly Webhook[]): boolean {
  const same = (webhook: Webhook, at: number): boolean => sameValue(webhook.matchConditions, had[at]?.matchConditions)
  return webhooks.length === had.length && webhooks.every(same)
}

function hasWrongSelector({ namespaceSelector, objectSelector }: Webhook): boolean {
  const isWrong = (selector: LabelSelector | undefined): boolean => validateLabelSelector('', selector).length > 0
  return isWrong(namespaceSelector) || isWrong(objectSelector)
}

function validateWebhooks(webhooks: readonly Webhook[], lenience: Lenience): Errors {
  const seen = new Set<string>()
  return webhooks.flatMap((webhook, at) => {
    const field = index('webhooks', at)
    const { name = '' } = webhook
    const isRepeated = !lenience.names && name !== '' && seen.has(name)
    seen.add(name)
    return [
      ...validateWebhook(field, webhook, lenience),
      ...validateReviewVersions(
        child(field, 'admissionReviewVersions'),
        webhook.admissionReviewVersions ?? [],
        lenience,
      ),
      ...(isRepeated ? [duplicate(child(field, 'name'), name)] : []),
    ]
  })
}

const failurePolicies = ['Fail', 'Ignore']
const matchPolicies = ['Equivalent', 'Exact']
const reinvocationPolicies = ['IfNeeded', 'Never']
const harmless = ['None', 'NoneOnDryRun']
const allSideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown']

function validateWebhook(field: string, webhook: Webhook, lenience: Lenience): Errors {
  const { failurePolicy, matchPolicy, timeoutSeconds, reinvocationPolicy } = webhook
  const timeoutProblem = 'the timeout value must be between 1 and 30 seconds'
  const isTimeoutWrong = !isUnset(timeoutSeconds) && (timeoutSeconds > 30 || timeoutSeconds < 1)
  return [
    ...validateHookName(child(field, 'name'), webhook.name ?? ''),
    ...(webhook.rules ?? []).flatMap((rule, at) => validateRuleWithOperations(index(child(field, 'rules'), at), rule)),
    ...closedSet(child(field, 'failurePolicy'), failurePolicy, failurePolicies),
    ...closedSet(child(field, 'matchPolicy'), matchPolicy, matchPolicies),
    ...validateSideEffects(child(field, 'sideEffects'), webhook.sideEffects, lenience),
    ...(isTimeoutWrong ? [invalid(child(field, 'timeoutSeconds'), timeoutSeconds, timeoutProblem)] : []),
    ...selectorErrors(child(field, 'namespaceSelector'), webhook.namespaceSelector, lenience),
    ...selectorErrors(child(field, 'objectSelector'), webhook.objectSelector, lenience),
    ...closedSet(child(field, 'reinvocationPolicy'), reinvocationPolicy, reinvocationPolicies),
    ...validateClient(child(field, 'clientConfig'), webhook.clientConfig ?? {}),
    ...(lenience.conditions
      ? []
      : validateMatchConditions(child(field, 'matchConditions'), webhook.matchConditions ?? [])),
  ]
}

function closedSet(field: string, value: string | undefined, supported: readonly string[]): Errors {
  return isUnset(value) || supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

/** Admission knows webhooks by names that nobody else takes. */
function validateHookName(field: string, name: string): Errors {
  if (name === '') return [required(field)]
  const errors = dnsSubdomainErrors(name)
  if (errors.length > 0) return [invalid(field, name, errors.join(','))]
  if (name.split('.').length >= 3) return []
  return [invalid(field, name, 'should be a domain with at least three segments separated by dots')]
}

function validateSideEffects(field: string, value: string | undefined, { sideEffects }: Lenience): Errors {
  const allowed = sideEffects ? allSideEffects : harmless
  if (isUnset(value)) return [required(field, `must specify one of ${allowed.join(', ')}`)]
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)]
}

/** Values that are no label values were let in once. */
function selectorErrors(field: string, selector: LabelSelector | undefined, { labels }: Lenience): Errors {
  const values = `${child(field, 'matchExpressions')}[`
  return validateLabelSelector(field, selector).filter(
    ({ field: where }) => !labels || !where.startsWith(values) || !/\.values\[\d+\]$/.test(where),
  )
}

function validateClient(field: string, { url, service }: Webhook['clientConfig']): Errors {
  if (isUnset(url) === isUnset(service)) return [required(field, 'exactly one of url or service is required')]
  if (!isUnset(url)) return validateWebhookUrl(child(field, 'url'), url)
  return isUnset(service) ? [] : validateWebhookService(child(field, 'service'), service)
}

const reviewVersions = ['v1', 'v1beta1']

function knowsReview(versions: readonly string[]): boolean {
  return versions.some((version) => reviewVersions.includes(version))
}

function validateReviewVersions(field: string, versions: readonly string[], lenience: Lenience): Errors {
  if (versions.length === 0) return [required(field, `must specify one of ${reviewVersions.join(', ')}`)]
  const unknown = !lenience.versions && !knowsReview(versions)
  return [
    ...versions.flatMap((version, at) => {
      if (versions.indexOf(version) < at) return [invalid(index(field, at), version, 'duplicate version')]
      return invalidEach(index(field, at), version, dns1035LabelErrors(version))
    }),
    ...(unknown ? [invalid(field, versions, `must include at least one of ${reviewVersions.join(', ')}`)] : []),
  ]
}
