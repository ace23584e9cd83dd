/** What keeps a custom resource from being stored. Kubernetes: apiextensions-apiserver/pkg/registry/customresource. */
import { isJsonObject } from '../json-value.ts'
import type { ScalePaths } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { child, type Errors, invalid } from '../validation/field-error.ts'
import { dnsSubdomainErrors } from '../validation/names.ts'
import { validateAnyMetaUpdate, validateAnyNewMeta } from '../validation/object-meta.ts'
import type { CustomKind } from './decode-custom.ts'
import { validateEmbedded } from './embedded.ts'
import { validateListTypes } from './list-types.ts'
import { validateValue } from './validate-value.ts'
import { noPath } from './value-problem.ts'

export function validateCustom(kind: CustomKind, object: ApiObject): Errors {
  const { rules, structural } = kind.custom
  const errors = [
    ...validateAnyNewMeta(object.metadata, kind.namespaced, dnsSubdomainErrors),
    ...validateValue(rules, object),
    ...validateScaleSpec(kind.scale, object),
    ...validateScaleStatus(kind.scale, object),
    ...validateEmbedded('', object, structural),
    ...validateListTypes('', structural, object),
  ]
  return [...errors, ...checkRules(kind, errors, object)]
}

export function validateCustomUpdate(kind: CustomKind, object: ApiObject, old: ApiObject): Errors {
  const { rules, structural } = kind.custom
  const errors = [
    ...validateAnyMetaUpdate(object.metadata, old.metadata),
    ...validateValue(rules, object, '', { value: old }),
    ...validateScaleSpec(kind.scale, object),
    ...validateScaleStatus(kind.scale, object),
    ...validateEmbedded('', object, structural),
    ...(validateListTypes('', structural, old).length > 0 ? [] : validateListTypes('', structural, object)),
  ]
  return [...errors, ...checkRules(kind, errors, object, old)]
}

export function validateCustomStatus(kind: CustomKind, object: ApiObject, old: ApiObject): Errors {
  const { statusRules, structural } = kind.custom
  const { status } = object
  const isJudged = status !== undefined && statusRules !== undefined
  const before = old.status === undefined ? undefined : { value: old.status }
  const errors = [
    ...validateAnyMetaUpdate(object.metadata, old.metadata),
    ...(isJudged ? validateValue(statusRules, status, 'status', before) : []),
    ...validateScaleStatus(kind.scale, object),
    ...(validateListTypes('', structural, old).length > 0 ? [] : validateListTypes('', structural, object)),
  ]
  return [...errors, ...checkRules(kind, errors, object, old)]
}

const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])
const unchecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

/** Rules are written for objects of the right shape: others are not shown to them. */
function checkRules(kind: CustomKind, errors: Errors, object: ApiObject, old?: ApiObject): Errors {
  const check = kind.custom.checkRules
  if (check === undefined) return []
  if (errors.some(({ reason }) => blocking.has(reason))) return [invalid(noPath, null, unchecked)]
  return check('', object, old === undefined ? undefined : { value: old })
}

const largest = 2147483647

function validateScaleSpec(scale: ScalePaths | undefined, object: ApiObject): Errors {
  return scale === undefined ? [] : validateReplicas(scale.specReplicas, object)
}

function validateScaleStatus(scale: ScalePaths | undefined, object: ApiObject): Errors {
  if (scale === undefined) return []
  return [...validateReplicas(scale.statusReplicas, object), ...validateSelector(scale.labelSelector, object)]
}

function validateReplicas(path: string, object: ApiObject): Errors {
  const found = nested(object, path, 'integer', 'int64')
  if (found.error !== undefined) return [invalid(path, 0, found.error)]
  const replicas = Number(found.value ?? 0)
  if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')]
  return replicas > largest ? [invalid(path, replicas, `should be less than or equal to ${largest}`)] : []
}

function validateSelector(path: string, object: ApiObject): Errors {
  if (path === '') return []
  const { error } = nested(object, path, 'string', 'string')
  return error === undefined ? [] : [invalid(path, '', error)]
}

/** As unstructured.NestedInt64 and NestedString. */
function nested(
  object: ApiObject,
  path: string,
  type: 'integer' | 'string',
  goType: string,
): Readonly<{ value?: unknown; error?: string }> {
  let value: unknown = object
  let at = ''
  for (const name of path.split('.').slice(1)) {
    if (value === undefined || value === null) return {}
    if (!isJsonObject(value)) {
      return {
        error: `.${child(at, name)} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected map[string]interface{}`,
      }
    }
    value = value[name]
    at = child(at, name)
  }
  if (value === undefined) return {}
  const fits = type === 'integer' ? Number.isInteger(value) : typeof value === type
  if (fits) return { value }
  return {
    error: `${path} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${goType}`,
  }
}

/** As Go's %v. */
function goText(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const fields = Object.keys(value).sort()
  return `map[${fields.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`
}

function goTypeOf(value: unknown): string {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'string' ? 'string' : 'map[string]interface {}'
}

/** Finalizers that are worded so that others may have the same: told as warnings. */
export function finalizerWarnings(object: ApiObject, old: ApiObject | undefined): readonly string[] {
  const had = old?.metadata.finalizers ?? []
  const added = [...new Set(object.metadata.finalizers ?? [])].filter((one) => !had.includes(one)).sort()
  return added
    .filter((one) => !one.includes('/') && !['orphan', 'foregroundDeletion', 'kubernetes'].includes(one))
    .map((one) => {
      const what = one.includes('.') ? 'finalizer name including a path (/)' : 'finalizer name'
      return `metadata.finalizers: ${JSON.stringify(one)}: prefer a domain-qualified ${what} to avoid accidental conflicts with other finalizer writers`
    })
}
