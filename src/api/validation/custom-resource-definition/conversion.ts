import type { CustomResourceDefinition } from '../../kinds.generated.ts'
import {
  child,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  isUnset,
  notSupported,
  required,
} from '../field-error.ts'
import { dns1035LabelErrors } from '../names.ts'
import { validateWebhookService, validateWebhookUrl } from '../webhook-client.ts'

const known = ['v1', 'v1beta1']

/** What an update need not mend, because it was stored so. */
export type ConversionLenience = Readonly<{ reviewVersions: boolean }>

/** Fields are named as the original's own form of the object has them. */
export function validateConversion(
  path: string,
  spec: CustomResourceDefinition['spec'],
  lenience: ConversionLenience,
): Errors {
  const { conversion, preserveUnknownFields } = spec
  if (isUnset(conversion)) return []
  const { strategy = '', webhook } = conversion
  const at = (name: string): string => child(path, name)
  const strategies = ['None', 'Webhook']
  const keepsAll = preserveUnknownFields === true && strategy !== 'None'
  const versions = webhook?.conversionReviewVersions ?? []
  return [
    ...(keepsAll ? [invalid(at('strategy'), strategy, 'must be None if spec.preserveUnknownFields is true')] : []),
    ...(strategy === '' ? [required(at('strategy'))] : []),
    ...(strategy === '' || strategies.includes(strategy) ? [] : [notSupported(at('strategy'), strategy, strategies)]),
    ...(strategy === 'Webhook'
      ? [
          ...validateClient(at('webhookClientConfig'), webhook?.clientConfig),
          ...validateReviewVersions(at('conversionReviewVersions'), versions, lenience),
        ]
      : validateNoWebhook(at, webhook)),
  ]
}

type Webhook = NonNullable<CustomResourceDefinition['spec']['conversion']>['webhook']

function validateNoWebhook(at: (name: string) => string, webhook: Webhook): Errors {
  const why = 'should not be set when strategy is not set to Webhook'
  return [
    ...(isUnset(webhook?.clientConfig) ? [] : [forbidden(at('webhookClientConfig'), why)]),
    ...((webhook?.conversionReviewVersions ?? []).length === 0 ? [] : [forbidden(at('conversionReviewVersions'), why)]),
  ]
}

function validateClient(path: string, config: NonNullable<Webhook>['clientConfig']): Errors {
  if (isUnset(config)) return [required(path, 'required when strategy is set to Webhook')]
  const { url, service } = config
  if (isUnset(url) === isUnset(service)) return [required(path, 'exactly one of url or service is required')]
  if (!isUnset(url)) return validateWebhookUrl(child(path, 'url'), url)
  return isUnset(service) ? [] : validateWebhookService(child(path, 'service'), service)
}

export function knowsReview(versions: readonly string[]): boolean {
  return versions.length === 0 || versions.some((version) => known.includes(version))
}

function validateReviewVersions(path: string, versions: readonly string[], lenience: ConversionLenience): Errors {
  if (versions.length === 0) return [required(path)]
  const errors = versions.flatMap((version, at) =>
    versions.indexOf(version) < at
      ? [invalid(index(path, at), version, 'duplicate version')]
      : invalidEach(index(path, at), version, dns1035LabelErrors(version)),
  )
  if (lenience.reviewVersions || knowsReview(versions)) return errors
  return [...errors, invalid(path, versions, `must include at least one of ${known.join(', ')}`)]
}
