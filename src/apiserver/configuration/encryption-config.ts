import { decodeBase64 } from '../../api/base64.ts'
import { fields, list } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { SealAlgorithm } from '../../ports/keys.ts'
import { type ConfigForm, durationMs, parseConfig } from './config-text.ts'
import type { KmsConfig } from './kms/kms-provider.ts'

/** One way to have things on disk; the first of a resource seals, all of them open. */
export type EncryptionProvider =
  | Readonly<{ type: 'identity' }>
  | (Readonly<{ type: 'kms' }> & KmsConfig)
  | Readonly<{ type: SealAlgorithm; keys: readonly Readonly<{ name: string; secret: Uint8Array }>[] }>

export type EncryptionRule = Readonly<{ resources: readonly string[]; providers: readonly EncryptionProvider[] }>

type KeysFile = Readonly<{ keys?: readonly Readonly<{ name?: string; secret?: string }>[] }> | null
type KmsFile = Readonly<{ apiVersion?: string; name?: string; endpoint?: string; timeout?: string; cachesize?: number }>
type ProviderFile = Readonly<{
  aescbc?: KeysFile
  aesgcm?: KeysFile
  secretbox?: KeysFile
  identity?: object | null
  kms?: KmsFile
}>
type File = Readonly<{
  resources?: readonly Readonly<{ resources?: readonly string[]; providers?: readonly ProviderFile[] }>[] | null
}>

const keysShape = fields({ keys: list(fields({ name: 'string', secret: 'string' })) })
const kmsShape = fields({
  apiVersion: 'string',
  name: 'string',
  endpoint: 'string',
  timeout: 'string',
  cachesize: 'number',
})
const form: ConfigForm = {
  kind: 'EncryptionConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1'],
  shapes: {
    resources: list(
      fields({
        resources: list('string'),
        providers: list(
          fields({ aescbc: keysShape, aesgcm: keysShape, secretbox: keysShape, identity: 'any', kms: kmsShape }),
        ),
      }),
    ),
  },
}

const keyLengths: Readonly<Record<SealAlgorithm, readonly number[]>> = {
  aescbc: [16, 24, 32],
  aesgcm: [16, 24, 32],
  secretbox: [32],
}

/** EncryptionConfiguration, read and checked. */
export function parseEncryptionConfig(text: string): Result<readonly EncryptionRule[], string> {
  const parsed = parseConfig<File>(text, form)
  if (!parsed.ok) return parsed
  const entries = parsed.value.resources ?? []
  const faults: string[] = entries.length === 0 ? ['resources: at least one resource is required'] : []
  const seen = new Set<string>()
  const names = new Set<string>()
  const rules = entries.map(({ resources = [], providers = [] }, at): EncryptionRule => {
    const path = `resources[${at}]`
    if (resources.length === 0) faults.push(`${path}.resources: at least one resource is required`)
    if (providers.length === 0) faults.push(`${path}.providers: at least one provider is required`)
    for (const resource of resources) {
      if (!isResource(resource)) faults.push(`${path}.resources: ${JSON.stringify(resource)} names no resource`)
      if (seen.has(resource)) faults.push(`${path}.resources: ${JSON.stringify(resource)} is named twice`)
      seen.add(resource)
    }
    return {
      resources,
      providers: providers.flatMap((one, i) => providerOf(one, `${path}.providers[${i}]`, faults, names)),
    }
  })
  return faults.length === 0 ? ok(rules) : fail(faults.join('; '))
}

/** 'secrets', 'deployments.apps', '*.' (the core group), '*.apps', '*.*'. */
function isResource(text: string): boolean {
  return /^(?:\*\.(?:\*|[a-z0-9.-]*)|[a-z0-9]+(?:\.[a-z0-9.-]*)?)$/.test(text)
}

function providerOf(
  file: ProviderFile,
  path: string,
  faults: string[],
  names: Set<string>,
): readonly EncryptionProvider[] {
  const types = Object.keys(file)
  const [type] = types
  if (types.length !== 1) {
    faults.push(`${path}: provider must contain exactly one of aescbc, aesgcm, secretbox, kms, identity`)
    return []
  }
  if (type === 'kms') return [kmsOf(file.kms ?? {}, `${path}.kms`, faults, names)]
  if (type === 'identity') return [{ type }]
  const algorithm = type as SealAlgorithm
  const keys = (file[algorithm]?.keys ?? []).map(({ name = '', secret = '' }, at) => {
    const where = `${path}.${algorithm}.keys[${at}]`
    const bytes = decodeBase64(secret)
    if (name === '' || name.includes(':')) faults.push(`${where}.name: a name without a colon is required`)
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(secret)) faults.push(`${where}.secret: secret must be base64 encoded`)
    else if (!keyLengths[algorithm].includes(bytes.length)) {
      faults.push(
        `${where}.secret: secret is not of the expected length, got ${bytes.length}, expected one of [${keyLengths[algorithm].join(' ')}]`,
      )
    }
    return { name, secret: bytes }
  })
  if (keys.length === 0) faults.push(`${path}.${algorithm}.keys: at least one key is required`)
  return [{ type: algorithm, keys }]
}

const defaultTimeoutMs = 3000

/** As apiserver's validation of it, where files are read again when they change. */
function kmsOf(
  { apiVersion = 'v1', name = '', endpoint = '', timeout, cachesize }: KmsFile,
  path: string,
  faults: string[],
  names: Set<string>,
): EncryptionProvider {
  if (apiVersion === 'v1') faults.push(`${path}.apiVersion: v1 is deprecated and not supported: use v2`)
  else if (apiVersion !== 'v2')
    faults.push(
      `${path}.apiVersion: unsupported apiVersion ${apiVersion} for KMS provider, only v1 and v2 are supported`,
    )
  if (name === '') faults.push(`${path}.name: name is a required field for a kms provider`)
  if (name.includes(':')) faults.push(`${path}.name: invalid KMS provider name ${name}, must not contain ':'`)
  if (names.has(name)) faults.push(`${path}.name: duplicate KMS provider name ${name}, names must be unique`)
  names.add(name)
  const [, scheme = '', socketPath = ''] = /^([a-z]+):\/\/(\/.+)$/.exec(endpoint) ?? []
  if (endpoint === '') faults.push(`${path}.endpoint: endpoint is a required field for a kms provider`)
  else if (scheme !== 'unix')
    faults.push(
      `${path}.endpoint: unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`,
    )
  const timeoutMs = timeout === undefined ? defaultTimeoutMs : durationMs(timeout)
  if (timeoutMs === undefined || timeoutMs <= 0) faults.push(`${path}.timeout: timeout should be a positive value`)
  if (cachesize !== undefined) faults.push(`${path}.cachesize: cachesize is not supported in v2`)
  return { type: 'kms', name, socketPath, timeoutMs: timeoutMs ?? defaultTimeoutMs }
}
