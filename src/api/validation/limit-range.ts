import type { LimitRange, LimitRangeItem } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { compareQuantities, formatQuantity, parseQuantity, type Quantity, quantityMilli } from '../quantity.ts'
import {
  child,
  duplicate,
  type Errors,
  entriesOf,
  forbidden,
  index,
  invalid,
  invalidEach,
  keyed,
  required,
} from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'
import { validateNewMeta } from './object-meta.ts'
import { allowsOvercommit, parsed, validateContainerResource, validateResourceName } from './resources.ts'

type Amounts = Readonly<Record<string, string>>

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim']

export function validateLimitRange({ metadata = {}, spec }: LimitRange): Errors {
  const types = new Set<string>()
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...(spec?.limits ?? []).flatMap((item, at) => {
      const path = index('spec.limits', at)
      const { type = '' } = item
      const isKnown = types.has(type)
      types.add(type)
      return [
        ...validateType(child(path, 'type'), type),
        ...(isKnown ? [duplicate(child(path, 'type'), type)] : []),
        ...validateNames(path, item),
        ...validateAmounts(path, item),
      ]
    }),
  ]
}

function validateType(field: string, type: string): Errors {
  const errors = invalidEach(field, type, labelKeyErrors(type))
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors
  return [invalid(field, type, 'must be a standard limit type or fully qualified')]
}

function validateNames(field: string, item: LimitRangeItem): Errors {
  const { type, max, min, default: limit, defaultRequest, maxLimitRequestRatio } = item
  const rule = type === 'Pod' || type === 'Container' ? validateContainerResource : validateResourceName
  const names = (list: string, amounts: Amounts | undefined): Errors =>
    entriesOf(amounts).flatMap(([name]) => rule(keyed(child(field, list), name), name))
  const unwanted = (list: string, amounts: Amounts | undefined): Errors =>
    Object.keys(amounts ?? {}).length > 0
      ? [forbidden(child(field, list), "may not be specified when `type` is 'Pod'")]
      : []
  const defaults = type === 'Pod' ? unwanted : names
  const needsStorage = type === 'PersistentVolumeClaim' && min?.storage === undefined && max?.storage === undefined
  const missing = 'either minimum or maximum storage value is required, but neither was provided'
  return [
    ...names('max', max),
    ...names('min', min),
    ...defaults('default', limit),
    ...defaults('defaultRequest', defaultRequest),
    ...(needsStorage ? [required(child(field, 'limits'), missing)] : []),
    ...names('maxLimitRequestRatio', maxLimitRequestRatio),
  ]
}

type Limits = Readonly<Partial<Record<'min' | 'max' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio', Quantity>>>

/** Min, default request, default limit and max must come in this order, for each resource. */
function validateAmounts(field: string, item: LimitRangeItem): Errors {
  const isPod = item.type === 'Pod'
  const lists = {
    min: item.min,
    max: item.max,
    default: isPod ? undefined : item.default,
    defaultRequest: isPod ? undefined : item.defaultRequest,
    maxLimitRequestRatio: item.maxLimitRequestRatio,
  }
  const names = [...new Set(Object.values(lists).flatMap((amounts) => Object.keys(amounts ?? {})))].sort()
  return names.flatMap((name) => {
    const limits = Object.fromEntries(
      Object.entries(lists).flatMap(([list, amounts]) => {
        const text = amounts?.[name]
        return text === undefined ? [] : [[list, parsed(text)]]
      }),
    ) as Limits
    return [
      ...validateOrder(field, name, limits),
      ...validateRatio(field, name, limits),
      ...validateSame(field, name, limits),
    ]
  })
}

/** [field, lesser, its word, greater, its word, which of them is shown]. */
const orders = [
  ['min', 'min', 'min value', 'max', 'max value', 'min', 'is greater than'],
  [
    'defaultRequest',
    'min',
    'min value',
    'defaultRequest',
    'default request value',
    'defaultRequest',
    'is greater than',
  ],
  [
    'defaultRequest',
    'defaultRequest',
    'default request value',
    'max',
    'max value',
    'defaultRequest',
    'is greater than',
  ],
  [
    'defaultRequest',
    'defaultRequest',
    'default request value',
    'default',
    'default limit value',
    'defaultRequest',
    'is greater than',
  ],
  ['default', 'min', 'min value', 'default', 'default value', 'min', 'is greater than'],
  ['default', 'default', 'default value', 'max', 'max value', 'max', 'is greater than'],
] as const

function validateOrder(field: string, name: string, limits: Limits): Errors {
  return orders.flatMap(([list, lesser, lesserWord, greater, greaterWord, shown, relation]) => {
    const [low, high, value] = [limits[lesser], limits[greater], limits[shown]]
    if (low === undefined || high === undefined || value === undefined || compareQuantities(low, high) <= 0) return []
    const detail = `${lesserWord} ${formatQuantity(low)} ${relation} ${greaterWord} ${formatQuantity(high)}`
    return [invalid(keyed(child(field, list), name), formatQuantity(value), detail)]
  })
}

const one = parseQuantity('1')

function validateRatio(field: string, name: string, { min, max, maxLimitRequestRatio: ratio }: Limits): Errors {
  if (ratio === undefined || !one.ok) return []
  const path = keyed(child(field, 'maxLimitRequestRatio'), name)
  const text = formatQuantity(ratio)
  const most =
    min === undefined || max === undefined ? undefined : Number(quantityMilli(max)) / Number(quantityMilli(min))
  return [
    ...(compareQuantities(ratio, one.value) < 0 ? [invalid(path, text, `ratio ${text} is less than 1`)] : []),
    ...(most !== undefined && Number(quantityMilli(ratio)) / 1000 > most
      ? [invalid(path, text, `ratio ${text} is greater than max/min = ${most.toFixed(6)}`)]
      : []),
  ]
}

function validateSame(field: string, name: string, { default: limit, defaultRequest: request }: Limits): Errors {
  if (allowsOvercommit(name) || limit === undefined || request === undefined) return []
  if (compareQuantities(limit, request) === 0) return []
  const [limitText, requestText] = [formatQuantity(limit), formatQuantity(request)]
  const detail = `default value ${limitText} must equal to defaultRequest value ${requestText} in ${name}`
  return [invalid(keyed(child(field, 'defaultRequest'), name), requestText, detail)]
}
