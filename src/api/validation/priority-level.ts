import { mandatoryLevels } from '../flow-control-objects.ts'
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../kinds.generated.ts'
import { child, type Errors, forbidden, invalid, isUnset, notSupported, required, sameValue } from './field-error.ts'
import { goPriorityLevelSpec } from './flow-control-go.ts'
import { validateConditions } from './flow-schema.ts'
import { dnsSubdomainErrors } from './names.ts'
import { validateNewMeta } from './object-meta.ts'

const preservedZero = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

export function validatePriorityLevel({ metadata = {}, spec, status }: PriorityLevelConfiguration): Errors {
  const { name = '', annotations = {} } = metadata
  const wanted = spec ?? { type: '' }
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...(annotations[preservedZero] === undefined
      ? []
      : [forbidden('metadata.annotations', `annotation '${preservedZero}' is forbidden`)]),
    ...validateSpec(wanted, name),
    ...validateFixed(wanted, name),
    ...validateConditions(status?.conditions ?? []),
  ]
}

export function validatePriorityLevelStatusUpdate({ status }: PriorityLevelConfiguration): Errors {
  return validateConditions(status?.conditions ?? [])
}

/** Of the exempt level what it may lend can be changed; of catch-all nothing. */
function validateFixed(spec: PriorityLevelConfigurationSpec, name: string): Errors {
  const fixed = mandatoryLevels[name]
  if (fixed === undefined) return []
  const isExempt = name === 'exempt'
  const compared = isExempt ? { ...spec, exempt: fixed.exempt } : spec
  if (sameValue(compared, fixed)) return []
  const except = isExempt ? " except the 'spec.exempt' field" : ''
  return [invalid('spec', goPriorityLevelSpec(spec), `spec of '${name}'${except} must equal the fixed value`)]
}

const types = ['Exempt', 'Limited']

function validateSpec({ type = '', limited, exempt }: PriorityLevelConfigurationSpec, name: string): Errors {
  const path = 'spec.type'
  const mismatch =
    (name === 'exempt') === (type === 'Exempt')
      ? []
      : [invalid(path, type, "must be 'Exempt' if and only if `name` is 'exempt'")]
  if (!types.includes(type)) return [...mismatch, notSupported(path, type, types)]
  if (type === 'Exempt') {
    return [
      ...mismatch,
      ...(limited === undefined ? [] : [forbidden('spec.limited', 'must be nil if the type is not Limited')]),
      ...(exempt === undefined ? [] : validateExempt('spec.exempt', exempt)),
    ]
  }
  return [
    ...mismatch,
    ...(exempt === undefined ? [] : [forbidden('spec.exempt', 'must be nil if the type is Limited')]),
    ...(limited === undefined
      ? [required('spec.limited', 'must not be empty when type is Limited')]
      : validateLimited('spec.limited', limited)),
  ]
}

function validateShares(field: string, shares: number | undefined): Errors {
  if (isUnset(shares) || shares >= 0) return []
  return [invalid(child(field, 'nominalConcurrencyShares'), shares, 'must be a non-negative integer')]
}

function validateLendable(field: string, percent: number | undefined): Errors {
  if (isUnset(percent) || (percent >= 0 && percent <= 100)) return []
  return [invalid(child(field, 'lendablePercent'), percent, 'must be between 0 and 100, inclusive')]
}

function validateExempt(field: string, exempt: ExemptPriorityLevelConfiguration): Errors {
  return [...validateShares(field, exempt.nominalConcurrencyShares), ...validateLendable(field, exempt.lendablePercent)]
}

function validateLimited(field: string, limited: LimitedPriorityLevelConfiguration): Errors {
  const { borrowingLimitPercent: borrowed } = limited
  return [
    ...validateShares(field, limited.nominalConcurrencyShares),
    ...validateResponse(child(field, 'limitResponse'), limited.limitResponse ?? { type: '' }),
    ...validateLendable(field, limited.lendablePercent),
    ...(isUnset(borrowed) || borrowed >= 0
      ? []
      : [invalid(child(field, 'borrowingLimitPercent'), borrowed, 'if specified, must be a non-negative integer')]),
  ]
}

function validateResponse(field: string, { type = '', queuing }: LimitResponse): Errors {
  const path = child(field, 'queuing')
  switch (type) {
    case 'Reject':
      return queuing === undefined ? [] : [forbidden(path, 'must be nil if limited.limitResponse.type is not Limited')]
    case 'Queue':
      return queuing === undefined
        ? [required(path, 'must not be empty if limited.limitResponse.type is Limited')]
        : validateQueuing(path, queuing)
    default:
      return [notSupported(child(field, 'type'), type, ['Queue', 'Reject'])]
  }
}

const mostQueues = 10_000_000
/** A hand of queues is dealt by the bits of one hash. */
const mostHashBits = 60

function validateQueuing(
  field: string,
  { queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration,
): Errors {
  const wrong = (name: string, value: number, detail: string): Errors => [invalid(child(field, name), value, detail)]
  return [
    ...(queueLengthLimit <= 0 ? wrong('queueLengthLimit', queueLengthLimit, 'must be positive') : []),
    ...(queues <= 0
      ? wrong('queues', queues, 'must be positive')
      : queues > mostQueues
        ? wrong('queues', queues, `must not be greater than ${mostQueues}`)
        : []),
    ...handFault(queues, handSize).flatMap((detail) => wrong('handSize', handSize, detail)),
  ]
}

function handFault(queues: number, handSize: number): readonly string[] {
  if (handSize <= 0) return ['must be positive']
  if (handSize > queues) return [`should not be greater than queues (${queues})`]
  if (Math.ceil(Math.log2(queues) * handSize) <= mostHashBits) return []
  return [
    `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostHashBits}`,
  ]
}
