import type {
  V2MetricIdentifier as Identifier,
  V2MetricSpec as MetricSpec,
  V2CrossVersionObjectReference as Reference,
  V2MetricTarget as Target,
} from '../kinds.generated.ts'
import { compareQuantities, zeroQuantity } from '../quantity.ts'
import { child, type Errors, forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import { dnsLabelErrors, pathSegmentErrors } from './names.ts'
import { parsed, validateContainerResource } from './resources.ts'

type ReferenceRule = (field: string, reference: Reference) => Errors
type Rule = (field: string, metric: MetricSpec, reference: ReferenceRule) => Errors

/** In the original's order: only the first source that is given is looked into. */
const sources: Readonly<Record<string, Rule>> = {
  object: (field, { object }, reference) => [
    ...reference(child(field, 'describedObject'), object?.describedObject as Reference),
    ...validateIdentifier(child(field, 'metric'), object?.metric),
    ...validateValueTarget(child(field, 'target'), object?.target, 'must set either a target value or averageValue'),
  ],
  external: (field, { external }) => [
    ...validateIdentifier(child(field, 'metric'), external?.metric),
    ...validateValueTarget(
      child(field, 'target'),
      external?.target,
      'must set either a target value for metric or a per-pod target',
    ),
    ...(external?.target?.value !== undefined && external.target.averageValue !== undefined
      ? [forbidden(child(field, 'target', 'value'), 'may not set both a target value for metric and a per-pod target')]
      : []),
  ],
  pods: (field, { pods }) => [
    ...validateIdentifier(child(field, 'metric'), pods?.metric),
    ...validateTarget(child(field, 'target'), pods?.target),
    ...(pods?.target?.averageValue === undefined
      ? [required(child(field, 'target', 'averageValue'), 'must specify a positive target averageValue')]
      : []),
  ],
  resource: (field, { resource }) => [
    ...((resource?.name ?? '') === '' ? [required(child(field, 'name'), 'must specify a resource name')] : []),
    ...validateResourceTarget(child(field, 'target'), resource?.target),
  ],
  containerResource: (field, { containerResource }) => {
    const { name = '', container = '', target } = containerResource ?? {}
    return [
      ...(name === ''
        ? [required(child(field, 'name'), 'must specify a resource name')]
        : validateContainerResource(child(field, 'name'), name)),
      ...(container === ''
        ? [required(child(field, 'container'), 'must specify a container')]
        : invalidEach(child(field, 'container'), container, dnsLabelErrors(container))),
      ...validateResourceTarget(child(field, 'target'), target),
    ]
  },
}

const fieldOfType: Readonly<Record<string, keyof MetricSpec & string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}
const types = Object.keys(fieldOfType)

export function validateMetricSpec(field: string, metric: MetricSpec, reference: ReferenceRule): Errors {
  const { type = '' } = metric
  const present = Object.keys(sources).filter((name) => metric[name as keyof MetricSpec] !== undefined)
  const [first] = present
  const expected = fieldOfType[type]
  const unknown = notSupported(child(field, 'type'), type, types)
  const missing = 'must populate information for the given metric source'
  return [
    ...(type === '' ? [required(child(field, 'type'), 'must specify a metric source type')] : []),
    ...(expected === undefined ? [unknown] : []),
    ...(first === undefined ? [] : (sources[first]?.(child(field, first), metric, reference) ?? [])),
    ...(expected === undefined
      ? [unknown]
      : metric[expected] === undefined
        ? [required(child(field, expected), missing)]
        : []),
    ...(present.length === 1
      ? []
      : present
          .filter((name) => name !== expected)
          .map((name) => forbidden(child(field, name), 'must populate the given metric source only'))),
  ]
}

function validateIdentifier(field: string, identifier: Identifier | undefined): Errors {
  const { name = '' } = identifier ?? {}
  const path = child(field, 'name')
  return name === '' ? [required(path, 'must specify a metric name')] : invalidEach(path, name, pathSegmentErrors(name))
}

const targetTypes = ['Utilization', 'Value', 'AverageValue']

function validateTarget(field: string, target: Target | undefined): Errors {
  const { type = '', value, averageValue, averageUtilization } = target ?? {}
  const typePath = child(field, 'type')
  const positive = (name: string, text: string | undefined): Errors =>
    text !== undefined && compareQuantities(parsed(text), zeroQuantity) <= 0
      ? [invalid(child(field, name), text, 'must be positive')]
      : []
  return [
    ...(type === '' ? [required(typePath, 'must specify a metric target type')] : []),
    ...(targetTypes.includes(type)
      ? []
      : [invalid(typePath, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive('value', value),
    ...positive('averageValue', averageValue),
    ...(averageUtilization !== undefined && averageUtilization < 1
      ? [invalid(child(field, 'averageUtilization'), averageUtilization, 'must be greater than 0')]
      : []),
  ]
}

function validateValueTarget(field: string, target: Target | undefined, missing: string): Errors {
  return [
    ...validateTarget(field, target),
    ...(target?.value === undefined && target?.averageValue === undefined
      ? [required(child(field, 'averageValue'), missing)]
      : []),
  ]
}

function validateResourceTarget(field: string, target: Target | undefined): Errors {
  const { averageValue, averageUtilization } = target ?? {}
  return [
    ...validateTarget(field, target),
    ...(averageUtilization === undefined && averageValue === undefined
      ? [required(child(field, 'averageUtilization'), 'must set either a target raw value or a target utilization')]
      : []),
    ...(averageUtilization !== undefined && averageValue !== undefined
      ? [forbidden(child(field, 'averageValue'), 'may not set both a target raw value and a target utilization')]
      : []),
  ]
}
