import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { fail, ok } from '../../../api/result.ts'
import { keyManagementService } from '../../../api/rpc/kms.generated.ts'
import { rpcMethods } from '../../../client/rpc.ts'
import { simHost } from '../../../host/contract/sim-host.ts'
import { linuxClock } from '../../../host/linux/clock.ts'
import { linuxGrpc } from '../../../host/linux/grpc.ts'
import { linuxKeys } from '../../../host/linux/keys.ts'
import { linuxRandom } from '../../../host/linux/random.ts'
import { simGrpc } from '../../../host/sim/grpc.ts'
import { simLog } from '../../../host/sim/log.ts'
import type { GrpcListener } from '../../../ports/grpc.ts'
import { openStore } from '../../../store/store.ts'
import { testWorld } from '../../test-world.ts'
import { celExpressions } from '../cel-expression.ts'
import { parseEncryptionConfig } from '../encryption-config.ts'
import { loadSecurity } from '../security.ts'
import { startKmsProvider } from './kms-provider.ts'
import { hmac, newSeed, openBySeed, sealBySeed } from './seed.ts'

const config = (name = 'plugin', endpoint = 'unix:///run/kms.sock'): string => `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - kms: {apiVersion: v2, name: ${name}, endpoint: ${endpoint}, timeout: 1s}
  - identity: {}
`

/** A plugin whose keys turn bytes around by their number; it can be made to fail. */
function fakePlugin() {
  const plugin = { key: 1, healthz: 'ok', version: 'v2', encryptKey: 0, asked: [] as string[] }
  const turned = (bytes: Uint8Array, key: number): Uint8Array => bytes.map((byte) => byte ^ key)
  const methods = rpcMethods(keyManagementService, {
    async Status() {
      plugin.asked.push('Status')
      return ok({ version: plugin.version, healthz: plugin.healthz, keyId: `key-${plugin.key}` })
    },
    async Encrypt({ plaintext }) {
      plugin.asked.push('Encrypt')
      const key = plugin.encryptKey || plugin.key
      const annotations = { 'hint.kms.test': Uint8Array.of(key) }
      return ok({ ciphertext: turned(plaintext, key), keyId: `key-${key}`, annotations })
    },
    async Decrypt({ ciphertext, keyId, annotations }) {
      plugin.asked.push(`Decrypt ${keyId}`)
      const [key = 0] = annotations['hint.kms.test'] ?? []
      if (`key-${key}` !== keyId) return fail({ code: 'NotFound', message: `no key ${keyId}` })
      return ok({ plaintext: turned(ciphertext, key) })
    },
  })
  return { plugin, methods }
}

async function world() {
  const host = simHost()
  const grpc = simGrpc(host)
  const { plugin, methods } = fakePlugin()
  let listener: GrpcListener | undefined
  const listen = async (): Promise<void> => {
    const listening = await host.run(grpc.listen('/run/kms.sock', methods))
    if (!listening.ok) throw new Error(listening.error.message)
    listener = listening.value
  }
  const unlisten = async (): Promise<void> => {
    if (listener !== undefined) await host.run(listener.close())
  }
  const write = (text: string): Promise<void> =>
    host.run(host.disk.writeFile('/encryption', new TextEncoder().encode(text)))
  const parts = {
    ...host,
    grpc,
    http: { request: () => expect.unreachable('nobody is asked over HTTP') },
    expressions: celExpressions,
    ownIssuer: 'https://own',
  }
  const load = () => host.run(loadSecurity(parts, { encryptionConfig: '/encryption' }))
  const start = async () => {
    const security = await load()
    const { atRest } = security
    if (atRest === undefined) throw new Error('nothing is encrypted')
    const store = await host.run(openStore({ ...host, directory: '/store', onFatal() {}, atRest }))
    return { ...(await testWorld(host, { security, store })), security, store }
  }
  const onDisk = async (): Promise<string> => {
    const names = (await host.run(host.disk.list('/store'))).filter((name) => name !== 'lock')
    const files = await Promise.all(names.map((name) => host.run(host.disk.readFile(`/store/${name}`))))
    return files.map((bytes) => Buffer.from(bytes).toString('latin1')).join('')
  }
  await write(config())
  await host.run(host.disk.makeDirectory('/run', 0o755))
  await listen()
  return { host, plugin, listen, unlisten, write, load, start, onDisk }
}

const secrets = '/api/v1/namespaces/default/secrets'
const secret = (name: string) => ({ metadata: { name }, stringData: { word: 'hidden-text' } })

describe('a key management service', () => {
  it('keeps the key of what is stored: the seed is sealed once, and read once after a start', async () => {
    const w = await world()
    const first = await w.start()
    for (const name of ['one', 'two']) expect((await first.send('POST', secrets, secret(name))).status).toBe(201)
    expect(w.plugin.asked.filter((call) => call === 'Encrypt')).toEqual(['Encrypt'])
    expect((await first.send('GET', '/readyz/kms-providers')).status).toBe(200)
    await w.host.run(first.store.close())
    await w.host.run(first.security.close())
    const disk = await w.onDisk()
    expect(disk).toContain('k8s:enc:kms:v2:plugin:')
    expect(disk).toContain('key-1')
    expect(disk).not.toContain(Buffer.from('hidden-text').toString('base64'))
    w.plugin.asked.length = 0
    const again = await w.start()
    expect((await again.send('GET', `${secrets}/two`)).json).toMatchObject({
      data: { word: Buffer.from('hidden-text').toString('base64') },
    })
    expect(w.plugin.asked.filter((call) => call.startsWith('Decrypt'))).toEqual(['Decrypt key-1'])
  })

  it('may have a new key at any time: what is written from then on is sealed by a new seed', async () => {
    const w = await world()
    const first = await w.start()
    await first.send('POST', secrets, secret('one'))
    w.plugin.key = 2
    await w.host.run(w.host.clock.sleep(21_000))
    await first.send('POST', secrets, secret('two'))
    await w.host.run(first.store.close())
    await w.host.run(first.security.close())
    const disk = await w.onDisk()
    expect([disk.includes('key-1'), disk.includes('key-2')]).toEqual([true, true])
    const again = await w.start()
    for (const name of ['one', 'two']) expect((await again.send('GET', `${secrets}/${name}`)).status).toBe(200)
  })

  it('may be away for three minutes; then secrets are read, but not written', async () => {
    const w = await world()
    const { send } = await w.start()
    await send('POST', secrets, secret('one'))
    await w.unlisten()
    await w.host.run(w.host.clock.sleep(60_000))
    expect((await send('GET', '/healthz/kms-providers')).status).toBe(500)
    expect((await send('POST', secrets, secret('two'))).status).toBe(201)
    await w.host.run(w.host.clock.sleep(180_000))
    const refused = await send('POST', secrets, secret('three'))
    expect(refused).toMatchObject({ status: 500, json: { reason: 'InternalError' } })
    expect((refused.json as { message: string }).message).toMatch(
      /^Internal error occurred: encryptedDEKSource with keyID hash "sha256:[0-9a-f]{64}" expired at \S+Z \(current time is \S+Z\)$/,
    )
    expect((await send('GET', `${secrets}/one`)).status).toBe(200)
    expect((await send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'c' } })).status).toBe(201)
    await w.listen()
    await w.host.run(w.host.clock.sleep(4000))
    expect((await send('GET', '/healthz/kms-providers')).status).toBe(200)
    expect((await send('POST', secrets, secret('three'))).status).toBe(201)
  })

  it.each([
    [{ healthz: 'no power' }, 'kmsv2 Provider plugin is not healthy, error: got unexpected healthz status: no power'],
    [{ version: 'v1' }, 'kmsv2 Provider plugin is not healthy, error: expected KMSv2 API version v2, got v1'],
    [{ encryptKey: 7 }, 'kmsv2 Provider plugin is not healthy, error: failed to rotate DEK uid='],
  ])('need not be well when a cluster starts: %o', async (fault, why) => {
    const w = await world()
    Object.assign(w.plugin, fault)
    const { send, security } = await w.start()
    expect(security.atRest?.problem()).toContain(why)
    expect((await send('GET', '/readyz/kms-providers')).status).toBe(500)
  })

  it('need not be there when a cluster starts: secrets are not written until it is', async () => {
    const w = await world()
    await w.unlisten()
    const { send } = await w.start()
    expect((await send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'c' } })).status).toBe(201)
    expect(await send('POST', secrets, secret('one'))).toMatchObject({
      status: 500,
      json: { message: 'Internal error occurred: got unexpected nil transformer' },
    })
    expect((await send('GET', '/readyz/kms-providers')).status).toBe(500)
    await w.listen()
    await w.host.run(w.host.clock.sleep(4000))
    expect((await send('POST', secrets, secret('one'))).status).toBe(201)
    expect((await send('GET', '/readyz/kms-providers')).status).toBe(200)
  })

  it('must be there where all is to be sealed', async () => {
    const w = await world()
    await w.write(config().replace('[secrets]', "['*.*']"))
    await w.unlisten()
    await expect(w.start()).rejects.toThrow('got unexpected nil transformer')
  })

  it('must be there where it has sealed what is stored, and know the seed', async () => {
    const w = await world()
    const first = await w.start()
    await first.send('POST', secrets, secret('one'))
    await w.host.run(first.store.close())
    await w.host.run(first.security.close())
    await w.unlisten()
    await expect(w.start()).rejects.toThrow(
      'secrets/default/one cannot be opened by the key management service plugin: failed to decrypt DEK, error: rpc error: code = Unavailable',
    )
    await w.listen()
    await w.write(config('other'))
    await expect(w.start()).rejects.toThrow('secrets/default/one was encrypted by kms key "plugin"')
  })
})

it.each([
  ['apiVersion: v1, name: a, endpoint: unix:///a', 'kms.apiVersion: v1 is deprecated and not supported: use v2'],
  ['apiVersion: v2, name: "a:b", endpoint: unix:///a', "invalid KMS provider name a:b, must not contain ':'"],
  [
    'apiVersion: v2, name: a, endpoint: "http:///a"',
    'unsupported scheme "http" for KMS provider, only unix is supported',
  ],
  ['apiVersion: v2, name: a', 'endpoint is a required field for a kms provider'],
  ['apiVersion: v2, name: a, endpoint: unix:///a, timeout: 0s', 'timeout should be a positive value'],
  ['apiVersion: v2, name: a, endpoint: unix:///a, cachesize: 5', 'cachesize is not supported in v2'],
])('a service is configured as in the original: %s', (fields, why) => {
  const text = config().replace(/kms: \{.*\}/, `kms: {${fields}}`)
  const parsed = parseEncryptionConfig(text)
  expect(!parsed.ok && parsed.error).toContain(why)
})

it('a service is spoken with over a real socket', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-test-kms-'))
  const [grpc, clock] = [linuxGrpc(), linuxClock()]
  const socketPath = path.join(folder, 'kms.sock')
  const listener = await grpc.listen(socketPath, fakePlugin().methods)
  if (!listener.ok) throw new Error(listener.error.message)
  const parts = { grpc, clock, random: linuxRandom(), keys: linuxKeys(), log: simLog(clock) }
  const provider = await startKmsProvider(parts, { name: 'plugin', socketPath, timeoutMs: 5000 })
  try {
    const [plain, about] = [new TextEncoder().encode('{"a":1}'), new TextEncoder().encode('secrets/a/b')]
    expect(provider.open(provider.seal(plain, about), about)).toEqual(plain)
    expect([provider.problem(), provider.refusal()]).toEqual([undefined, undefined])
  } finally {
    provider.stop()
    await listener.value.close()
    rmSync(folder, { recursive: true })
  }
})

describe('a seed', () => {
  const keys = linuxKeys()
  const { random } = simHost()
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

  it('makes keys by HMAC-SHA-256', () => {
    const key = random.bytes(32)
    const expected = createHmac('sha256', key).update('text').digest('hex')
    expect(Buffer.from(hmac(keys, key, bytes('text'))).toString('hex')).toBe(expected)
  })

  it('opens what it has sealed, for the very same object', () => {
    const seed = newSeed(random)
    const sealed = sealBySeed({ keys, random }, seed, bytes('{}'), bytes('secrets/a/b'))
    expect(openBySeed(keys, seed, sealed, bytes('secrets/a/b'))).toEqual(bytes('{}'))
    expect(openBySeed(keys, seed, sealed, bytes('secrets/a/c'))).toBeUndefined()
    expect(openBySeed(keys, newSeed(random), sealed, bytes('secrets/a/b'))).toBeUndefined()
  })
})
