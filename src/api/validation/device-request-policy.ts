import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from '../kinds.generated.ts'
import { addQuantities, compareQuantities, formatQuantity, type Quantity, quantityUnits } from '../quantity.ts'
import { child, duplicate, type Errors, forbidden, index, invalid, isUnset, required, tooMany } from './field-error.ts'
import { parsed } from './resources.ts'

/** How much of a device's capacity may be asked for: a list of amounts or a range, with a default that fits. */

const mostOptions = 10
const bothPolicies =
  'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'

export function validateRequestPolicy(field: string, capacity: string, policy: CapacityRequestPolicy): Errors {
  const { validValues = [], validRange, default: standard } = policy
  const hasValues = validValues.length > 0
  if (hasValues && !isUnset(validRange)) return [forbidden(field, bothPolicies)]
  if (!hasValues && isUnset(validRange)) return []
  const name = hasValues ? 'validValues' : 'validRange'
  if (isUnset(standard)) return [required(child(field, 'default'), `required when ${name} is defined`)]
  const path = child(field, name)
  const [preset, most] = [parsed(standard), parsed(capacity)]
  return isUnset(validRange)
    ? validateValues(path, validValues.map(parsed), preset, most)
    : validateRange(path, validRange, preset, most)
}

function validateValues(field: string, values: readonly Quantity[], preset: Quantity, most: Quantity): Errors {
  const texts = values.map(formatQuantity)
  const unsorted = values.flatMap((value, at) => {
    const before = values[at - 1]
    const isSorted = before === undefined || compareQuantities(before, value) <= 0
    return isSorted ? [] : [invalid(index(field, at), texts[at], 'values must be sorted in ascending order')]
  })
  if (values.length > mostOptions)
    return [...unsorted, tooMany(field, values.length, mostOptions), ...unfit(field, preset)]
  const tooLarge = `option is larger than capacity value: ${formatQuantity(most)}`
  return [
    ...unsorted,
    ...values.flatMap((value, at) =>
      compareQuantities(value, most) > 0 ? [invalid(index(field, at), texts[at], tooLarge)] : [],
    ),
    ...texts.flatMap((text, at) => (texts.indexOf(text) < at ? [duplicate(index(field, at), text)] : [])),
    ...(values.some((value) => compareQuantities(value, preset) === 0) ? [] : unfit(field, preset)),
  ]
}

function unfit(field: string, preset: Quantity): Errors {
  return [invalid(field, formatQuantity(preset), 'default value is not valid according to the requestPolicy')]
}

function validateRange(field: string, range: CapacityRequestPolicyRange, preset: Quantity, most: Quantity): Errors {
  if (isUnset(range.min)) return [required(child(field, 'min'), 'required when validRange is defined')]
  const min = parsed(range.min)
  const max = isUnset(range.max) ? undefined : parsed(range.max)
  const [atMin, atMax] = [child(field, 'min'), child(field, 'max')]
  return [
    ...above(atMin, min, most, min, 'min is larger than capacity value'),
    ...above(atMin, min, preset, preset, 'default is less than min', min),
    ...(max === undefined
      ? []
      : [
          ...above(atMax, min, max, min, 'min is larger than max'),
          ...above(atMax, max, most, max, 'max is larger than capacity value'),
          ...above(atMax, preset, max, preset, 'default is more than max'),
        ]),
    ...(isUnset(range.step) ? [] : validateStep(child(field, 'step'), parsed(range.step), { min, max, preset, most })),
  ]
}

/** An error that shows `shown` where `one` is more than `other`. */
function above(field: string, one: Quantity, other: Quantity, shown: Quantity, why: string, limit = other): Errors {
  if (compareQuantities(one, other) <= 0) return []
  return [invalid(field, formatQuantity(shown), `${why}: ${formatQuantity(limit)}`)]
}

type Limits = Readonly<{ min: Quantity; max: Quantity | undefined; preset: Quantity; most: Quantity }>

function validateStep(field: string, step: Quantity, { min, max, preset, most }: Limits): Errors {
  const first = addQuantities(min, step)
  const [stepText, firstText] = [formatQuantity(step), formatQuantity(first)]
  const offStep = (value: Quantity): Errors => {
    const unit = quantityUnits(step)
    const isMultiple = unit !== 0n && (quantityUnits(value) - quantityUnits(min)) % unit === 0n
    const why = `value is not a multiple of a given step (${stepText}) from (${formatQuantity(min)})`
    return isMultiple ? [] : [invalid(field, formatQuantity(value), why)]
  }
  const tooLarge = `one step ${firstText} is larger than capacity value: ${formatQuantity(most)}`
  return [
    ...(compareQuantities(first, most) > 0 ? [invalid(field, stepText, tooLarge)] : []),
    ...offStep(preset),
    ...(max === undefined ? [] : offStep(max)),
  ]
}
