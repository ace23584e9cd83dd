import type { ConfigMap, Secret } from '../kinds.generated.ts'
import {
  type Errors,
  entriesOf,
  forbidden,
  immutable,
  invalid,
  invalidEach,
  keyed,
  required,
  sameValue,
  tooLong,
} from './field-error.ts'
import { configKeyErrors, dnsSubdomainErrors } from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const mostBytes = 1024 * 1024
const immutableWhenSet = 'field is immutable when `immutable` is set'

export function validateConfigMap(configMap: ConfigMap): Errors {
  const { metadata = {}, data, binaryData } = configMap
  const sizeBytes =
    entriesOf(data).reduce((sum, [, value]) => sum + utf8Bytes(value), 0) +
    entriesOf(binaryData).reduce((sum, [, value]) => sum + base64Bytes(value), 0)
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...entriesOf(data).flatMap(([key]) => [
      ...invalidEach(keyed('data', key), key, configKeyErrors(key)),
      ...(binaryData?.[key] === undefined
        ? []
        : [invalid(keyed('data', key), key, 'duplicate of key present in binaryData')]),
    ]),
    ...entriesOf(binaryData).flatMap(([key]) => invalidEach(keyed('binaryData', key), key, configKeyErrors(key))),
    ...(sizeBytes > mostBytes ? [tooLong('', mostBytes)] : []),
  ]
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): Errors {
  return [
    ...validateMetaUpdate(configMap.metadata ?? {}, old.metadata ?? {}),
    ...(old.immutable === true ? validateKept(configMap, old, ['data', 'binaryData']) : []),
    ...validateConfigMap(configMap),
  ]
}

type Content = Readonly<{ immutable?: boolean; data?: unknown; binaryData?: unknown }>

function validateKept(now: Content, old: Content, fields: readonly ('data' | 'binaryData')[]): Errors {
  return [
    ...(now.immutable === true ? [] : [forbidden('immutable', immutableWhenSet)]),
    ...fields.flatMap((field) => (sameValue(now[field], old[field]) ? [] : [forbidden(field, immutableWhenSet)])),
  ]
}

/** Of the decoded bytes. */
function base64Bytes(text: string): number {
  const digits = text.replace(/[\r\n=]/g, '').length
  return Math.floor((digits * 3) / 4)
}

export function validateSecret(secret: Secret): Errors {
  const { metadata = {}, data } = secret
  const sizeBytes = entriesOf(data).reduce((sum, [, value]) => sum + base64Bytes(value), 0)
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...entriesOf(data).flatMap(([key]) => invalidEach(keyed('data', key), key, configKeyErrors(key))),
    ...(sizeBytes > mostBytes ? [tooLong('data', mostBytes)] : []),
    ...validateSecretType(secret),
  ]
}

export function validateSecretUpdate(secret: Secret, old: Secret): Errors {
  return [
    ...validateMetaUpdate(secret.metadata ?? {}, old.metadata ?? {}),
    ...immutable('type', secret.type ?? '', old.type ?? ''),
    ...(old.immutable === true ? validateKept(secret, old, ['data']) : []),
    ...validateSecret(secret),
  ]
}

/** Which keys each of the known types must have. */
function validateSecretType({ type = '', metadata = {}, data = {} }: Secret): Errors {
  const missing = (...keys: readonly string[]): Errors =>
    keys.filter((key) => data[key] === undefined).map((key) => required(keyed('data', key)))
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const account = 'kubernetes.io/service-account.name'
      const name = metadata.annotations?.[account] ?? ''
      return name === '' ? [required(keyed('metadata.annotations', account))] : []
    }
    case 'kubernetes.io/dockercfg':
      return validateJson('.dockercfg', data['.dockercfg'])
    case 'kubernetes.io/dockerconfigjson':
      return validateJson('.dockerconfigjson', data['.dockerconfigjson'])
    case 'kubernetes.io/basic-auth': {
      const errors = missing('username', 'password')
      return errors.length === 2 ? errors : []
    }
    case 'kubernetes.io/ssh-auth':
      return (data['ssh-privatekey'] ?? '') === '' ? [required(keyed('data', 'ssh-privatekey'))] : []
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    default:
      return []
  }
}

function validateJson(key: string, content: string | undefined): Errors {
  const path = keyed('data', key)
  if (content === undefined) return [required(path)]
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0))
  const error = goJsonError(new TextDecoder().decode(bytes))
  return error === undefined ? [] : [invalid(path, '<secret contents redacted>', error)]
}

/** What Go's encoding/json says of the commonest faults. */
function goJsonError(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input'
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch {
    const first = text.trim().charAt(0)
    if (!/[{["0-9tfn-]/.test(first)) return `invalid character '${first}' looking for beginning of value`
    return 'unexpected end of JSON input'
  }
}
