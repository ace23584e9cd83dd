import { describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { simRandom } from '../../host/sim/random.ts'
import { openStore, type Store } from '../../store/store.ts'
import { encryptionAtRest } from './encryption.ts'
import { type EncryptionRule, parseEncryptionConfig } from './encryption-config.ts'

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n'
const secretOf = (fill: number) => Buffer.from(new Uint8Array(32).fill(fill)).toString('base64')
const entry = (resources: string, ...providers: readonly string[]) =>
  `- {resources: [${resources}], providers: [${providers.join(', ')}]}\n`
const provider = (algorithm: string, ...keys: readonly (readonly [string, number])[]) =>
  `{${algorithm}: {keys: [${keys.map(([name, fill]) => `{name: ${name}, secret: ${secretOf(fill)}}`).join(', ')}]}}`

function rulesOf(...entries: readonly string[]): readonly EncryptionRule[] {
  const parsed = parseEncryptionConfig(`${head}resources:\n${entries.join('')}`)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

type Host = ReturnType<typeof simHost>

function open(host: Host, rules?: () => readonly EncryptionRule[], snapshotBytes = 1 << 20): Promise<Store> {
  const atRest = rules && encryptionAtRest(host.keys, () => ({ rules: rules(), services: new Map() }))
  const options = { snapshotBytes }
  return host.run(openStore({ ...host, directory: '/store', options, onFatal() {}, ...(atRest && { atRest }) }))
}

async function put(host: Host, store: Store, key: string, value: string): Promise<void> {
  const before = store.head(key)
  const stamp = (revision: number) => ({
    apiVersion: 'v1',
    kind: 'T',
    metadata: { resourceVersion: String(revision) },
    value,
  })
  const result = store.commit(
    before === undefined ? { type: 'create', key, stamp } : { type: 'update', key, revision: before.revision, stamp },
  )
  if (result.ok) await host.run(result.value.durable)
}

async function onDisk(host: Host): Promise<string> {
  const names = (await host.run(host.disk.list('/store'))).filter((name) => name !== 'lock')
  const files = await Promise.all(names.map((name) => host.run(host.disk.readFile(`/store/${name}`))))
  return files.map((bytes) => Buffer.from(bytes).toString('latin1')).join('')
}

const valueAt = (store: Store, key: string): unknown => store.get(key)?.object.value

describe('what is stored', () => {
  it.each(['aescbc', 'aesgcm', 'secretbox'])(
    'lies on disk encrypted by %s where it is asked for, and is read as ever',
    async (algorithm) => {
      const host = simHost()
      const rules = rulesOf(entry('secrets', provider(algorithm, ['k', 1])))
      const store = await open(host, () => rules)
      await put(host, store, 'secrets/a/one', 'hidden-text')
      await put(host, store, 'configmaps/a/one', 'open-text')
      expect(valueAt(store, 'secrets/a/one')).toBe('hidden-text')
      await host.run(store.close())
      const disk = await onDisk(host)
      expect([disk.includes('hidden-text'), disk.includes('open-text')]).toEqual([false, true])
      expect(disk).toContain(`k8s:enc:${algorithm}:v1:k:`)
      const again = await open(host, () => rules)
      expect([valueAt(again, 'secrets/a/one'), valueAt(again, 'configmaps/a/one')]).toEqual([
        'hidden-text',
        'open-text',
      ])
    },
  )

  it('is not opened without its key, and the cluster does not start', async () => {
    const host = simHost()
    const store = await open(host, () => rulesOf(entry('secrets', provider('aesgcm', ['k', 1]))))
    await put(host, store, 'secrets/a/one', 'x')
    await host.run(store.close())
    await expect(open(host)).rejects.toThrow('secrets/a/one is encrypted on disk')
    for (const wrong of [provider('aesgcm', ['k', 2]), provider('aesgcm', ['other', 1]), '{identity: {}}']) {
      await expect(open(host, () => rulesOf(entry('secrets', wrong)))).rejects.toThrow(
        'secrets/a/one was encrypted by aesgcm key "k", which the encryption configuration does not hold or which does not fit',
      )
    }
  })

  it('is sealed by the new first key from when the file says so, and opened by the others', async () => {
    const host = simHost()
    let rules = rulesOf(entry('secrets', provider('aesgcm', ['old', 1])))
    const store = await open(host, () => rules)
    await put(host, store, 'secrets/a/one', 'x')
    rules = rulesOf(
      entry('secrets', provider('secretbox', ['new', 2]), provider('aesgcm', ['old', 1]), '{identity: {}}'),
    )
    await put(host, store, 'secrets/a/two', 'y')
    await host.run(store.close())
    const disk = await onDisk(host)
    expect(disk).toContain('k8s:enc:aesgcm:v1:old:')
    expect(disk).toContain('k8s:enc:secretbox:v1:new:')
    const again = await open(host, () => rules)
    expect([valueAt(again, 'secrets/a/one'), valueAt(again, 'secrets/a/two')]).toEqual(['x', 'y'])
  })

  it.each([
    ['secrets', 'one'],
    ['deployments.apps', 'two'],
    ['configmaps', 'three'],
    ['jobs.batch', 'four'],
  ])('follows the rule nearest to it: %s by %s', (resource, expected) => {
    const rules = rulesOf(
      entry('"*.*"', provider('aescbc', ['four', 4])),
      entry('"*."', provider('aescbc', ['three', 3])),
      entry('"*.apps"', provider('aescbc', ['two', 2])),
      entry('secrets', provider('aescbc', ['one', 1])),
    )
    const { seal } = encryptionAtRest(simHost().keys, () => ({ rules, services: new Map() }))
    const stored = seal(`${resource}/a/b`, new TextEncoder().encode('{}'))
    expect(new TextDecoder().decode(stored)).toContain(`k8s:enc:aescbc:v1:${expected}:`)
  })

  it('survives crashes at any moment, with keys that change', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const host = simHost(seed)
      const random = simRandom(seed)
      const keys: (readonly [string, number])[] = [['k0', 1]]
      let rules = rulesOf(entry('secrets', provider('aesgcm', ...keys)))
      const known = new Map<string, string>()
      for (let life = 0; life < 5; life++) {
        const store = await open(host, () => rules, 2000)
        for (const [key, value] of known) expect(valueAt(store, key)).toBe(value)
        for (let write = 0; write < 20; write++) {
          const key = `secrets/a/${random.below(10)}`
          const value = `hidden-${life}-${write}-${'x'.repeat(random.below(300))}`
          await put(host, store, key, value)
          known.set(key, value)
        }
        keys.unshift([`k${life + 1}`, life + 2])
        rules = rulesOf(
          entry(
            'secrets',
            provider(life % 2 === 0 ? 'aesgcm' : 'secretbox', ...keys),
            provider('aesgcm', ...keys),
            provider('secretbox', ...keys),
          ),
        )
        host.disk.crash(random.below(2) === 0 ? 'kill' : 'power')
      }
      expect(await onDisk(host)).not.toContain('hidden-')
    }
  })
})

describe('an encryption configuration', () => {
  it.each([
    ['resources: []\n', 'resources: at least one resource is required'],
    [
      'resources:\n- {resources: [], providers: []}\n',
      'resources[0].resources: at least one resource is required; resources[0].providers: at least one provider is required',
    ],
    [`resources:\n${entry('secrets, secrets', '{identity: {}}')}`, 'resources[0].resources: "secrets" is named twice'],
    [`resources:\n${entry('"a/b"', '{identity: {}}')}`, 'resources[0].resources: "a/b" names no resource'],
    [
      `resources:\n${entry('secrets', '{identity: {}, aesgcm: {keys: []}}')}`,
      'resources[0].providers[0]: provider must contain exactly one of aescbc, aesgcm, secretbox, kms, identity',
    ],
    [
      `resources:\n${entry('secrets', '{aesgcm: {keys: [{name: "a:b", secret: YWJj}]}}')}`,
      'resources[0].providers[0].aesgcm.keys[0].name: a name without a colon is required; resources[0].providers[0].aesgcm.keys[0].secret: secret is not of the expected length, got 3, expected one of [16 24 32]',
    ],
    [
      `resources:\n${entry('secrets', '{kms: {name: a}}')}`,
      'resources[0].providers[0].kms.apiVersion: v1 is deprecated and not supported: use v2; resources[0].providers[0].kms.endpoint: endpoint is a required field for a kms provider',
    ],
  ])('that says %j is refused', (text, why) => {
    expect(parseEncryptionConfig(head + text)).toEqual({ ok: false, error: why })
  })
})
