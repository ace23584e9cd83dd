import type { Refusal } from '../../api/refusal.ts'
import { type Errors, forbidden, invalid, nonNegative } from '../../api/validation/field-error.ts'

/** What is wrong with how a log is asked for, before any kubelet is: ValidatePodLogOptions of pkg/apis/core/validation. */
export function logOptionsRefusal(query: URLSearchParams, name: string): Refusal | undefined {
  const numberOf = (option: string): number | undefined => {
    const text = query.get(option) ?? ''
    return /^-?\d+$/.test(text) ? Number(text) : undefined
  }
  const hasBoth = numberOf('sinceSeconds') !== undefined && (query.get('sinceTime') ?? '') !== ''
  const errors: Errors = [
    ...nonNegative('tailLines', numberOf('tailLines')),
    ...positive('limitBytes', numberOf('limitBytes')),
    ...(hasBoth
      ? [forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified')]
      : positive('sinceSeconds', numberOf('sinceSeconds'))),
  ]
  return errors.length === 0 ? undefined : { reason: 'Invalid', group: '', kind: 'PodLogOptions', name, errors }
}

function positive(field: string, value: number | undefined): Errors {
  return value === undefined || value > 0 ? [] : [invalid(field, value, 'must be greater than 0')]
}
