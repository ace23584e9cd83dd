import { assert } from '../../../api/assert.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import { keyManagementService } from '../../../api/rpc/kms.generated.ts'
import { timestampOf } from '../../../api/wire-time.ts'
import { type RpcClient, rpcClient } from '../../../client/rpc.ts'
import type { Clock, Timer } from '../../../ports/clock.ts'
import type { Grpc, GrpcFailure } from '../../../ports/grpc.ts'
import type { Keys } from '../../../ports/keys.ts'
import type { Log } from '../../../ports/log.ts'
import type { Random } from '../../../ports/random.ts'
import { newUid } from '../../object-meta.ts'
import {
  decodeEncryptedObject,
  type EncryptedSource,
  encodeEncryptedObject,
  keyIdProblem,
  sourceKey,
  sourceOf,
  sourceProblem,
} from './encrypted-object.ts'
import { newSeed, openBySeed, sealBySeed } from './seed.ts'

export type KmsConfig = Readonly<{ name: string; socketPath: string; timeoutMs: number }>

export type KmsParts = Readonly<{
  grpc: Pick<Grpc, 'connect'>
  clock: Clock
  random: Random
  keys: Keys
  log: Log
}>

/** A key management service of version 2: it keeps the key that keeps the seed of the keys that objects are sealed with. */
export interface KmsProvider {
  readonly name: string
  /** Never waits: the seed is here. */
  seal(json: Uint8Array, about: Uint8Array): Uint8Array
  /** Why nothing new may be sealed now: the service has not been well for some minutes. */
  refusal(): string | undefined
  /** What ails the service. */
  problem(): string | undefined
  /** Lets the service read the seed that the sealed bytes name, so that open() can do without it. Each seed is asked for once. */
  learn(sealed: Uint8Array): Promise<void>
  /** Throws where the seed is not known, or does not fit. */
  open(sealed: Uint8Array, about: Uint8Array): Uint8Array
  stop(): void
}

// As apiserver's encryptionconfig: how long a verdict holds, and how long a seed may be used after the last good one.
const wellForMs = 20_000
const illForMs = 3000
const longestUseMs = 180_000

type State = Readonly<{ source: EncryptedSource; seed: Uint8Array; expiresAtMs: number }>

/** The service need not be there yet, or be well: until it is, nothing new is sealed, as in apiserver's encryptionconfig. */
export async function startKmsProvider(parts: KmsParts, config: KmsConfig): Promise<KmsProvider> {
  const { clock, log, grpc } = parts
  const { name } = config
  const channel = grpc.connect(config.socketPath)
  const service = { call: rpcClient(channel, keyManagementService), timeoutMs: config.timeoutMs }
  const seeds = new Map<string, Result<Uint8Array, string>>()
  let state: State | undefined
  let ailment: string | undefined
  let timer: Timer | undefined
  let isStopped = false

  const look = async (): Promise<void> => {
    const found = await probe(parts, service, config, state)
    if (found.ok) {
      if (found.value.seed !== state?.seed) log.info('a new seed seals what is stored', { provider: name })
      state = found.value
      seeds.set(sourceKey(state.source), ok(state.seed))
    } else if (ailment === undefined) log.error('a key management service is not well', { error: found.error })
    ailment = found.ok ? undefined : found.error
    if (!isStopped) timer = clock.after(found.ok ? wellForMs : illForMs, () => void look())
  }
  const stop = (): void => {
    isStopped = true
    timer?.cancel()
    channel.close()
  }
  await look()
  return {
    name,
    stop,
    problem: () => ailment,
    refusal() {
      if (state === undefined) return 'got unexpected nil transformer'
      const { source, expiresAtMs } = state
      if (clock.nowMs() <= expiresAtMs) return undefined
      const hash = hashOf(parts.keys, source.keyID)
      const [at, now] = [expiresAtMs, clock.nowMs()].map(timestampOf)
      return `encryptedDEKSource with keyID hash ${JSON.stringify(hash)} expired at ${at} (current time is ${now})`
    },
    seal(json, about) {
      assert(state !== undefined, 'what the service refuses is not sealed')
      const { source, seed } = state
      return encodeEncryptedObject({ ...source, encryptedData: sealBySeed(parts, seed, json, about) })
    },
    learn: (sealed) => learn(parts, service, sealed, seeds),
    open(sealed, about) {
      const object = decodeEncryptedObject(sealed)
      if (!object.ok) throw new Error(object.error)
      const seed = seeds.get(sourceKey(sourceOf(object.value))) ?? fail('its seed is not known')
      if (!seed.ok) throw new Error(`failed to decrypt DEK, error: ${seed.error}`)
      const { encryptedData, encryptedDEKSourceType: type } = object.value
      const opened =
        type === 'AES_GCM_KEY'
          ? parts.keys.unseal('aesgcm', seed.value, encryptedData, about)
          : openBySeed(parts.keys, seed.value, encryptedData, about)
      if (opened === undefined) throw new Error('cipher: message authentication failed')
      return opened
    },
  }
}

type Service = Readonly<{ call: RpcClient<typeof keyManagementService>; timeoutMs: number }>

/** How the service is; with a new seed where it has a new key. */
async function probe(
  { clock, keys, random }: KmsParts,
  { call, timeoutMs }: Service,
  { name }: KmsConfig,
  state: State | undefined,
): Promise<Result<State, string>> {
  const expiresAtMs = clock.nowMs() + longestUseMs
  const status = await call.Status({}, { timeoutMs })
  if (!status.ok) {
    const why = rpcText(status.error)
    return fail(`failed to perform status section of the healthz check for KMS Provider ${name}, error: ${why}`)
  }
  const { healthz, version, keyId } = status.value
  const wrongId = keyIdProblem(keyId)
  const problems = [
    ...(healthz === 'ok' ? [] : [`got unexpected healthz status: ${healthz}`]),
    ...(version === 'v2' || version === 'v2beta1' ? [] : [`expected KMSv2 API version v2, got ${version}`]),
    ...(wrongId === undefined
      ? []
      : [`got invalid KMSv2 KeyID hash ${JSON.stringify(hashOf(keys, keyId))}: ${wrongId}`]),
  ]
  const isSame = state?.source.keyID === keyId
  const next =
    isSame || wrongId !== undefined ? undefined : await newState({ keys, random }, { call, timeoutMs }, keyId)
  if (next !== undefined && !next.ok) problems.push(next.error)
  const found = next?.ok === true ? next.value : isSame ? state : undefined
  if (problems.length > 0 || found === undefined) {
    const all = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
    return fail(`kmsv2 Provider ${name} is not healthy, error: ${all}`)
  }
  return ok({ ...found, expiresAtMs })
}

/** The key by which the service has sealed the seed must be the one of which its status told. */
async function newState(
  { keys, random }: Pick<KmsParts, 'keys' | 'random'>,
  { call, timeoutMs }: Service,
  statusKeyId: string,
): Promise<Result<Omit<State, 'expiresAtMs'>, string>> {
  const seed = newSeed(random)
  const uid = newUid(random)
  const refused = (errGen: string, encryptKeyId = ''): Result<never, string> => {
    const [wanted, got] = [statusKeyId, encryptKeyId].map((id) => JSON.stringify(hashOf(keys, id)))
    const what = `uid=${JSON.stringify(uid)}, useSeed=true, errGen=${errGen}`
    return fail(`failed to rotate DEK ${what}, statusKeyIDHash=${wanted}, encryptKeyIDHash=${got}`)
  }
  const answer = await call.Encrypt({ plaintext: seed, uid }, { timeoutMs })
  if (!answer.ok) return refused(`failed to encrypt DEK, error: ${rpcText(answer.error)}`)
  const { ciphertext, keyId, annotations } = answer.value
  const encryptedDEKSourceType = 'HKDF_SHA256_XNONCE_AES_GCM_SEED' as const
  const source: EncryptedSource = { keyID: keyId, encryptedDEKSource: ciphertext, annotations, encryptedDEKSourceType }
  const wrong = sourceProblem(source)
  if (wrong !== undefined) return refused(wrong)
  return keyId === statusKeyId ? ok({ source, seed }) : refused('<nil>', keyId)
}

/** What cannot be read is told by whoever needs it. */
async function learn(
  { random }: Pick<KmsParts, 'random'>,
  { call, timeoutMs }: Service,
  sealed: Uint8Array,
  seeds: Map<string, Result<Uint8Array, string>>,
): Promise<void> {
  const object = decodeEncryptedObject(sealed)
  if (!object.ok) return
  const key = sourceKey(sourceOf(object.value))
  if (seeds.get(key)?.ok === true) return
  const { encryptedDEKSource: ciphertext, keyID: keyId, annotations } = object.value
  const answer = await call.Decrypt({ ciphertext, keyId, annotations, uid: newUid(random) }, { timeoutMs })
  seeds.set(key, answer.ok ? ok(answer.value.plaintext) : fail(rpcText(answer.error)))
}

function hashOf({ sha256 }: Pick<Keys, 'sha256'>, text: string): string {
  if (text === '') return ''
  const bytes = [...sha256(new TextEncoder().encode(text))]
  return `sha256:${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** As grpc-go words a failure. */
function rpcText({ code, message }: GrpcFailure): string {
  return `rpc error: code = ${code === 'Cancelled' ? 'Canceled' : code} desc = ${message}`
}
