import { assert } from '../../api/assert.ts'
import type { Keys } from '../../ports/keys.ts'
import { type AtRest, isPlain } from '../../store/at-rest.ts'
import type { EncryptionProvider, EncryptionRule } from './encryption-config.ts'
import { sourceKeyOf } from './kms/encrypted-object.ts'
import type { KmsProvider } from './kms/kms-provider.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** What stands before the ciphertext says who made it: 'k8s:enc:aesgcm:v1:key1:', 'k8s:enc:kms:v2:plugin:'. */
const begin = 'k8s:enc:'
const longestHead = 256

/** What the file says, and the services that it names. */
export type Encryption = Readonly<{
  rules: readonly EncryptionRule[]
  services: ReadonlyMap<string, KmsProvider>
}>

export type EncryptionAtRest = AtRest &
  Readonly<{
    /** Why the key's object cannot be sealed now; writes of it have to be refused. */
    refusal(key: string): string | undefined
    /** What ails the services. */
    problem(): string | undefined
  }>

/** Objects on disk as EncryptionConfiguration says: the first provider of a resource seals, whichever has the key opens. */
export function encryptionAtRest(keys: Keys, current: () => Encryption): EncryptionAtRest {
  const serviceFor = (key: string): KmsProvider | undefined => {
    const { rules, services } = current()
    const [first] = providersFor(rules, resourceOf(key))
    return first?.type === 'kms' ? services.get(first.name) : undefined
  }
  return {
    seal(key, json) {
      const [first] = providersFor(current().rules, resourceOf(key))
      if (first === undefined || first.type === 'identity') return json
      const about = encoder.encode(key)
      if (first.type === 'kms') return headed(`kms:v2:${first.name}`, serviceFor(key)?.seal(json, about))
      const [own] = first.keys
      if (own === undefined) return json
      return headed(`${first.type}:v1:${own.name}`, keys.seal(first.type, own.secret, json, about))
    },
    open(key, stored) {
      if (isPlain(stored)) return stored
      const head = headOf(stored)
      const found = head && openWith(keys, current(), key, head, stored)
      if (found === undefined) {
        const by = head === undefined ? 'something unknown' : `${head.algorithm} key "${head.name}"`
        throw new Error(
          `${key} was encrypted by ${by}, which the encryption configuration does not hold or which does not fit`,
        )
      }
      return found
    },
    prepare: () => preparation(current().services),
    refusal: (key) => serviceFor(key)?.refusal(),
    problem: () =>
      [...current().services.values()].map((service) => service.problem()).find((one) => one !== undefined),
  }
}

function headed(name: string, sealed: Uint8Array | undefined): Uint8Array {
  assert(sealed !== undefined, 'every service that a rule names runs')
  const head = encoder.encode(`${begin}${name}:`)
  const stored = new Uint8Array(head.length + sealed.length)
  stored.set(head)
  stored.set(sealed, head.length)
  return stored
}

/** The services read all seeds that are in use, of which there are few. */
function preparation(services: Encryption['services']): ReturnType<NonNullable<AtRest['prepare']>> {
  const wanted = new Map<string, Readonly<{ service: KmsProvider; sealed: Uint8Array }>>()
  return {
    see(stored) {
      const head = isPlain(stored) ? undefined : headOf(stored)
      const service = head?.algorithm === 'kms' ? services.get(head.name) : undefined
      if (head === undefined || service === undefined) return
      const sealed = stored.subarray(head.bytes)
      const key = `${head.name} ${sourceKeyOf(sealed)}`
      if (!wanted.has(key)) wanted.set(key, { service, sealed: sealed.slice() })
    },
    async ready() {
      for (const { service, sealed } of wanted.values()) await service.learn(sealed)
    },
  }
}

type Head = Readonly<{ algorithm: string; name: string; bytes: number }>

function headOf(stored: Uint8Array): Head | undefined {
  const text = decoder.decode(stored.subarray(0, longestHead))
  const [whole = '', algorithm, name] = /^k8s:enc:(kms(?=:v2)|[a-z]+(?=:v1)):v[12]:([^:]+):/.exec(text) ?? []
  return algorithm === undefined || name === undefined
    ? undefined
    : { algorithm, name, bytes: encoder.encode(whole).length }
}

/** By any provider of the file, so that a resource may change its place in it. */
function openWith(
  keys: Keys,
  { rules, services }: Encryption,
  key: string,
  { algorithm, name, bytes }: Head,
  stored: Uint8Array,
): Uint8Array | undefined {
  const about = encoder.encode(key)
  const sealed = stored.subarray(bytes)
  if (algorithm === 'kms') return openByService(services.get(name), key, sealed, about)
  for (const provider of rules.flatMap(({ providers }) => providers)) {
    if (provider.type === 'identity' || provider.type === 'kms' || provider.type !== algorithm) continue
    for (const { secret } of provider.keys.filter((one) => one.name === name)) {
      const opened = keys.unseal(provider.type, secret, sealed, about)
      if (opened !== undefined) return opened
    }
  }
  return undefined
}

function openByService(
  service: KmsProvider | undefined,
  key: string,
  sealed: Uint8Array,
  about: Uint8Array,
): Uint8Array | undefined {
  try {
    return service?.open(sealed, about)
  } catch (error) {
    throw new Error(
      `${key} cannot be opened by the key management service ${service?.name}: ${(error as Error).message}`,
    )
  }
}

/** Keys begin with their resource: 'secrets/default/one', 'deployments.apps/default/web'. */
function resourceOf(key: string): string {
  return key.slice(0, key.indexOf('/'))
}

/** The resource's own rule before that of its group before that of all. */
function providersFor(rules: readonly EncryptionRule[], resource: string): readonly EncryptionProvider[] {
  const dot = resource.indexOf('.')
  const group = dot < 0 ? '' : resource.slice(dot + 1)
  const names = [...(dot < 0 ? [resource, `${resource}.`] : [resource]), `*.${group}`, '*.*']
  for (const name of names) {
    const rule = rules.find(({ resources }) => resources.includes(name))
    if (rule !== undefined) return rule.providers
  }
  return []
}
