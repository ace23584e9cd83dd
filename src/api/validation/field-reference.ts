import type { ObjectFieldSelector, ResourceFieldSelector } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { formatQuantity } from '../quantity.ts'
import { child, type Errors, invalid, invalidEach, notSupported, required } from './field-error.ts'
import { parsed } from './resources.ts'

/** Fields of a pod that a variable may take its value from, and those that a file may. */
export const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
export const fileFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

/** What kube-apiserver can convert at all; the rest is refused in other words. */
const knownFields = [...envFields, ...fileFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']
const resourceFields = ['limits', 'requests'].flatMap((kind) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${kind}.${name}`),
)

export function validateFieldRef(field: string, ref: ObjectFieldSelector, supported: readonly string[]): Errors {
  const { apiVersion = '', fieldPath = '' } = ref
  if (apiVersion === '') return [required(child(field, 'apiVersion'))]
  if (fieldPath === '') return [required(child(field, 'fieldPath'))]
  const subscripted = /^(.*?)\['(.*)'\]$/.exec(fieldPath)
  if (subscripted !== null) return validateSubscript(field, fieldPath, subscripted[1] ?? '', subscripted[2] ?? '')
  const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (apiVersion !== 'v1') return [notConvertible(field, fieldPath, `unsupported pod version: ${apiVersion}`)]
  if (!knownFields.includes(path)) {
    return [notConvertible(field, fieldPath, `field label not supported: ${fieldPath}`)]
  }
  return supported.includes(path) ? [] : [notSupported(child(field, 'fieldPath'), path, [...supported].sort())]
}

function notConvertible(field: string, fieldPath: string, why: string): Errors[number] {
  return invalid(child(field, 'fieldPath'), fieldPath, `error converting fieldPath: ${why}`)
}

function validateSubscript(field: string, fieldPath: string, path: string, key: string): Errors {
  if (path === 'metadata.annotations') return invalidEach(field, key.toLowerCase(), labelKeyErrors(key.toLowerCase()))
  if (path === 'metadata.labels') return invalidEach(field, key, labelKeyErrors(key))
  return [notConvertible(field, fieldPath, `field label does not support subscript: ${fieldPath}`)]
}

export function validateResourceFieldRef(field: string, ref: ResourceFieldSelector, needsContainer: boolean): Errors {
  const { containerName = '', resource = '' } = ref
  return [...validateResourceField(field, containerName, resource, needsContainer), ...validateDivisor(field, ref)]
}

function validateResourceField(field: string, container: string, resource: string, needsContainer: boolean): Errors {
  if (needsContainer && container === '') return [required(child(field, 'containerName'))]
  if (resource === '') return [required(child(field, 'resource'))]
  if (resourceFields.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) return []
  return [notSupported(child(field, 'resource'), resource, [...resourceFields].sort())]
}

const sizeDivisors = [
  '1',
  ...['k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((unit) => `1${unit}`),
]
const divisorRules: readonly (readonly [RegExp, readonly string[], string])[] = [
  [/^(limits|requests)\.cpu$/, ['1m', '1'], '1m and 1 are supported with the cpu resource'],
  [/\.memory$/, sizeDivisors, `${sizeDivisors.join(', ')} are supported with the memory resource`],
  [
    /\.ephemeral-storage$/,
    sizeDivisors,
    `${sizeDivisors.join(', ')} are supported with the local ephemeral storage resource`,
  ],
  [/\.hugepages-/, sizeDivisors, `${sizeDivisors.join(', ')} are supported with the hugepages resource`],
]

function validateDivisor(field: string, { resource = '', divisor = '0' }: ResourceFieldSelector): Errors {
  const value = parsed(divisor)
  if (value.nano === 0n) return []
  const rule = divisorRules.find(([pattern]) => pattern.test(resource))
  if (rule === undefined || rule[1].includes(formatQuantity(value))) return []
  return [invalid(child(field, 'divisor'), resource, `only divisor's values ${rule[2]}`)]
}
