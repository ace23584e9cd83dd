import type { ConfigMapKeySelector, EnvFromSource, EnvVar, EnvVarSource } from '../kinds.generated.ts'
import { child, type Errors, index, invalid, invalidEach, required } from './field-error.ts'
import { envFields, validateFieldRef, validateResourceFieldRef } from './field-reference.ts'
import { asPrefix, configKeyErrors, dnsLabelErrors, dnsSubdomainErrors, envNameErrors } from './names.ts'
import { validateNoBacksteps } from './paths.ts'

export function validateEnv(field: string, variables: readonly EnvVar[]): Errors {
  return variables.flatMap(({ name = '', value = '', valueFrom }, at) => {
    const path = index(field, at)
    return [
      ...(name === '' ? [required(child(path, 'name'))] : invalidEach(child(path, 'name'), name, envNameErrors(name))),
      ...(valueFrom === undefined ? [] : validateValueFrom(child(path, 'valueFrom'), valueFrom, value)),
    ]
  })
}

function validateValueFrom(field: string, source: EnvVarSource, value: string): Errors {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef]
  const count = sources.filter((each) => each !== undefined).length
  return [
    ...(fieldRef === undefined ? [] : validateFieldRef(child(field, 'fieldRef'), fieldRef, envFields)),
    ...(resourceFieldRef === undefined
      ? []
      : validateResourceFieldRef(child(field, 'resourceFieldRef'), resourceFieldRef, false)),
    ...(configMapKeyRef === undefined ? [] : validateKeyRef(child(field, 'configMapKeyRef'), configMapKeyRef)),
    ...(secretKeyRef === undefined ? [] : validateKeyRef(child(field, 'secretKeyRef'), secretKeyRef)),
    ...(fileKeyRef === undefined ? [] : validateFileKeyRef(child(field, 'fileKeyRef'), fileKeyRef)),
    ...validateSourceCount(field, count, value),
  ]
}

function validateSourceCount(field: string, count: number, value: string): Errors {
  if (count === 0) {
    const sources = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    return [invalid(field, '', `must specify one of: ${sources}`)]
  }
  if (value !== '') return [invalid(field, '', 'may not be specified when `value` is not empty')]
  return count > 1 ? [invalid(field, '', 'may not have more than one field specified at a time')] : []
}

function validateKeyRef(field: string, { name = '', key = '' }: ConfigMapKeySelector): Errors {
  return [
    ...invalidEach(child(field, 'name'), name, dnsSubdomainErrors(name)),
    ...(key === '' ? [required(child(field, 'key'))] : invalidEach(child(field, 'key'), key, configKeyErrors(key))),
  ]
}

function validateFileKeyRef(field: string, ref: NonNullable<EnvVarSource['fileKeyRef']>): Errors {
  const { key = '', volumeName = '', path = '' } = ref
  const volume = child(field, 'volumeName')
  return [
    ...(key === '' ? [required(child(field, 'key'))] : invalidEach(child(field, 'key'), key, envNameErrors(key))),
    ...(volumeName === '' ? [required(volume)] : invalidEach(volume, volumeName, dnsLabelErrors(volumeName))),
    ...(path === '' ? [required(child(field, 'path'))] : validateNoBacksteps(child(field, 'path'), path)),
  ]
}

export function validateEnvFrom(field: string, sources: readonly EnvFromSource[]): Errors {
  return sources.flatMap(({ prefix = '', configMapRef, secretRef }, at) => {
    const path = index(field, at)
    const refs = [configMapRef, secretRef].filter((ref) => ref !== undefined).length
    return [
      ...(prefix === '' ? [] : invalidEach(child(path, 'prefix'), prefix, envNameErrors(prefix))),
      ...(configMapRef === undefined ? [] : validateEnvName(child(path, 'configMapRef', 'name'), configMapRef.name)),
      ...(secretRef === undefined ? [] : validateEnvName(child(path, 'secretRef', 'name'), secretRef.name)),
      ...(refs === 0 ? [invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
      ...(refs > 1 ? [invalid(field, '', 'may not have more than one field specified at a time')] : []),
    ]
  })
}

function validateEnvName(field: string, name = ''): Errors {
  return name === '' ? [required(field)] : invalidEach(field, name, dnsSubdomainErrors(asPrefix(name)))
}
