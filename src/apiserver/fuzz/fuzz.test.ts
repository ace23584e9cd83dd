import { expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { openStore } from '../../store/store.ts'
import { testServer } from '../test-exchange.ts'
import { fuzzServer } from './fuzz-server.ts'

/** First seeds of stretches, and those that once found a bug. */
const stretches: readonly (readonly [from: number, count: number])[] = [
  [1, 1500],
  [1826, 1],
  [100_356, 1],
  [129_311, 1],
]

it('answers whatever it is sent, and stays whole', async () => {
  const { clock, random, log, disk, keys, run } = simHost()
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} }))
  const server = await testServer({ store, clock, random, keys, log })
  await run(server.start())
  const panics = (): number => log.lines.filter(({ message }) => message === 'apiserver panic').length
  let passed = 0
  for (const [from, count] of stretches) {
    const { faults, answers } = await run(fuzzServer({ handler: server.handler, panics }, from, count))
    expect(faults).toEqual([])
    passed += (answers.get(200) ?? 0) + (answers.get(201) ?? 0)
  }
  // Enough gets through to be worth asking.
  expect(passed).toBeGreaterThan(30)
}, 60_000)

it('tells of a request that the server cannot stand', async () => {
  let panics = 0
  const handler = async (): Promise<never> => {
    panics += 1
    throw new Error('a bug')
  }
  const { faults } = await fuzzServer({ handler, panics: () => panics }, 1, 1)
  expect(faults).toMatchObject([{ seed: 1, why: 'apiserver panic' }])
  const silent = async () => ({ type: 'whole', status: 400, headers: {}, body: new Uint8Array() }) as const
  expect((await fuzzServer({ handler: silent, panics: () => 0 }, 1, 20)).faults).toEqual([])
  const json = { 'content-type': 'application/json' }
  const bare = async () =>
    ({ type: 'whole', status: 400, headers: json, body: new TextEncoder().encode('{}') }) as const
  expect((await fuzzServer({ handler: bare, panics: () => 0 }, 1, 20)).faults[0]?.why).toBe('400 without a Status: {}')
})
