import type { Keys, SealAlgorithm } from '../../ports/keys.ts'
import { type AtRest, isPlain } from '../../store/at-rest.ts'
import type { EncryptionProvider, EncryptionRule } from './encryption-config.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** What stands before the ciphertext says who made it: 'k8s:enc:aesgcm:v1:key1:'. */
const begin = 'k8s:enc:'
const longestHead = 256

/** Objects on disk as EncryptionConfiguration says: the first provider of a resource seals, whichever has the key opens. */
export function encryptionAtRest(keys: Keys, rules: () => readonly EncryptionRule[]): AtRest {
  return {
    seal(key, json) {
      const [first] = providersFor(rules(), resourceOf(key))
      if (first === undefined || first.type === 'identity') return json
      const [own] = first.keys
      if (own === undefined) return json
      const sealed = keys.seal(first.type, own.secret, json, encoder.encode(key))
      const head = encoder.encode(`${begin}${first.type}:v1:${own.name}:`)
      const stored = new Uint8Array(head.length + sealed.length)
      stored.set(head)
      stored.set(sealed, head.length)
      return stored
    },
    open(key, stored) {
      if (isPlain(stored)) return stored
      const head = headOf(stored)
      const found = head && openWith(keys, rules(), key, head, stored)
      if (found === undefined) {
        const by = head === undefined ? 'something unknown' : `${head.algorithm} key "${head.name}"`
        throw new Error(
          `${key} was encrypted by ${by}, which the encryption configuration does not hold or which does not fit`,
        )
      }
      return found
    },
  }
}

type Head = Readonly<{ algorithm: string; name: string; bytes: number }>

function headOf(stored: Uint8Array): Head | undefined {
  const text = decoder.decode(stored.subarray(0, longestHead))
  const [whole = '', algorithm, name] = /^k8s:enc:([a-z]+):v1:([^:]+):/.exec(text) ?? []
  return algorithm === undefined || name === undefined
    ? undefined
    : { algorithm, name, bytes: encoder.encode(whole).length }
}

/** By any provider of the file, so that a resource may change its place in it. */
function openWith(
  keys: Keys,
  rules: readonly EncryptionRule[],
  key: string,
  { algorithm, name, bytes }: Head,
  stored: Uint8Array,
): Uint8Array | undefined {
  for (const provider of rules.flatMap(({ providers }) => providers)) {
    if (provider.type === 'identity' || provider.type !== algorithm) continue
    for (const { secret } of provider.keys.filter((one) => one.name === name)) {
      const opened = keys.unseal(provider.type as SealAlgorithm, secret, stored.subarray(bytes), encoder.encode(key))
      if (opened !== undefined) return opened
    }
  }
  return undefined
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
