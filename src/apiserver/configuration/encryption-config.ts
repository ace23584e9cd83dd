import { decodeBase64 } from '../../api/base64.ts'
import { fields, list } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { SealAlgorithm } from '../../ports/keys.ts'
import { type ConfigForm, parseConfig } from './config-text.ts'

/** One way to have things on disk; the first of a resource seals, all of them open. */
export type EncryptionProvider =
  | Readonly<{ type: 'identity' }>
  | Readonly<{ type: SealAlgorithm; keys: readonly Readonly<{ name: string; secret: Uint8Array }>[] }>

export type EncryptionRule = Readonly<{ resources: readonly string[]; providers: readonly EncryptionProvider[] }>

type KeysFile = Readonly<{ keys?: readonly Readonly<{ name?: string; secret?: string }>[] }> | null
type ProviderFile = Readonly<{
  aescbc?: KeysFile
  aesgcm?: KeysFile
  secretbox?: KeysFile
  identity?: object | null
  kms?: unknown
}>
type File = Readonly<{
  resources?: readonly Readonly<{ resources?: readonly string[]; providers?: readonly ProviderFile[] }>[] | null
}>

const keysShape = fields({ keys: list(fields({ name: 'string', secret: 'string' })) })
const form: ConfigForm = {
  kind: 'EncryptionConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1'],
  shapes: {
    resources: list(
      fields({
        resources: list('string'),
        providers: list(
          fields({ aescbc: keysShape, aesgcm: keysShape, secretbox: keysShape, identity: 'any', kms: 'any' }),
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
  const rules = entries.map(({ resources = [], providers = [] }, at): EncryptionRule => {
    const path = `resources[${at}]`
    if (resources.length === 0) faults.push(`${path}.resources: at least one resource is required`)
    if (providers.length === 0) faults.push(`${path}.providers: at least one provider is required`)
    for (const resource of resources) {
      if (!isResource(resource)) faults.push(`${path}.resources: ${JSON.stringify(resource)} names no resource`)
      if (seen.has(resource)) faults.push(`${path}.resources: ${JSON.stringify(resource)} is named twice`)
      seen.add(resource)
    }
    return { resources, providers: providers.flatMap((one, i) => providerOf(one, `${path}.providers[${i}]`, faults)) }
  })
  return faults.length === 0 ? ok(rules) : fail(faults.join('; '))
}

/** 'secrets', 'deployments.apps', '*.' (the core group), '*.apps', '*.*'. */
function isResource(text: string): boolean {
  return /^(?:\*\.(?:\*|[a-z0-9.-]*)|[a-z0-9]+(?:\.[a-z0-9.-]*)?)$/.test(text)
}

function providerOf(file: ProviderFile, path: string, faults: string[]): readonly EncryptionProvider[] {
  const types = Object.keys(file)
  const [type] = types
  if (types.length !== 1) {
    faults.push(`${path}: provider must contain exactly one of aescbc, aesgcm, secretbox, identity`)
    return []
  }
  if (type === 'kms') {
    faults.push(`${path}.kms: key management services are not supported`)
    return []
  }
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
