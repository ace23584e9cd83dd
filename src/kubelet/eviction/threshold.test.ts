import { describe, expect, it } from 'vitest'
import { quantity } from '../../api/quantity.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { calmState, nextEvictionState, pressureConditions } from './eviction-decision.ts'
import { type Observations, parseThresholds, type Signal } from './threshold.ts'

const none = { evictionHard: {}, evictionSoft: {}, evictionSoftGracePeriod: {}, evictionMinimumReclaim: {} }
const parse = (given: Partial<typeof defaultConfiguration>) =>
  parseThresholds({ ...defaultConfiguration, ...none, enforceNodeAllocatable: [], ...given })

describe('thresholds', () => {
  it('hold for all pods together where that is enforced', () => {
    const parsed = parseThresholds(defaultConfiguration)
    expect(parsed.ok && parsed.value.map(({ signal }) => signal).sort()).toEqual([
      'allocatableMemory.available',
      'imagefs.available',
      'imagefs.inodesFree',
      'memory.available',
      'nodefs.available',
      'nodefs.inodesFree',
    ])
  })

  it.each([
    [{ evictionHard: { 'memory.free': '1Gi' } }, 'unsupported eviction signal memory.free'],
    [{ evictionHard: { 'memory.available': '0' } }, 'eviction threshold memory.available must be positive: 0'],
    [
      { evictionHard: { 'nodefs.available': '110%' } },
      'eviction percentage threshold nodefs.available must be <= 100%: 110%',
    ],
    [
      { evictionSoft: { 'memory.available': '1Gi' } },
      'grace period must be specified for the soft eviction threshold memory.available',
    ],
    [
      { evictionMinimumReclaim: { 'nodefs.available': '0%' } },
      'eviction percentage minimum reclaim nodefs.available must be positive: 0%',
    ],
    [{ evictionSoftGracePeriod: { 'memory.available': '90' } }, 'time: missing unit in duration "90"'],
  ])('are refused in the words of the original: %j', (given, error) => {
    expect(parse(given)).toEqual({ ok: false, error })
  })
})

describe('the node runs short', () => {
  const configured = parse({
    evictionHard: { 'memory.available': '100Mi', 'nodefs.inodesFree': '5%' },
    evictionSoft: { 'memory.available': '500Mi' },
    evictionSoftGracePeriod: { 'memory.available': '1m30s' },
    evictionMinimumReclaim: { 'memory.available': '50Mi' },
  })
  const thresholds = configured.ok ? configured.value : []
  const see = (amounts: Partial<Record<Signal, readonly [available: string, capacity: string]>>): Observations =>
    new Map(
      Object.entries(amounts).map(([signal, [available, capacity]]) => [
        signal as Signal,
        { available: quantity(available), capacity: quantity(capacity) },
      ]),
    )
  const memory = (available: string) => see({ 'memory.available': [available, '4Gi'] })
  const dueAt = (steps: readonly (readonly [atSeconds: number, Observations])[]) => {
    let state = calmState
    for (const [at, observations] of steps)
      state = nextEvictionState({ state, thresholds, observations, nowMs: at * 1000 })
    return state.due.map(({ signal, graceMs }) => `${signal} ${graceMs}`)
  }

  it('ends pods at once at a hard threshold, and after its grace period at a soft one', () => {
    expect(dueAt([[0, memory('99Mi')]])).toEqual(['memory.available 0'])
    expect(dueAt([[0, memory('400Mi')]])).toEqual([])
    expect(
      dueAt([
        [0, memory('400Mi')],
        [89, memory('400Mi')],
      ]),
    ).toEqual([])
    expect(
      dueAt([
        [0, memory('400Mi')],
        [90, memory('400Mi')],
      ]),
    ).toEqual(['memory.available 90000'])
    // A pause begins the grace period anew.
    expect(
      dueAt([
        [0, memory('400Mi')],
        [50, memory('600Mi')],
        [90, memory('400Mi')],
      ]),
    ).toEqual([])
  })

  it('is not over before enough is reclaimed', () => {
    expect(
      dueAt([
        [0, memory('99Mi')],
        [10, memory('120Mi')],
      ]),
    ).toEqual(['memory.available 0'])
    expect(
      dueAt([
        [0, memory('99Mi')],
        [10, memory('150Mi')],
      ]),
    ).toEqual([])
    expect(dueAt([[0, memory('120Mi')]])).toEqual([])
  })

  it('sees to memory before all else', () => {
    const both = see({ 'nodefs.inodesFree': ['49', '1000'], 'memory.available': ['1Mi', '4Gi'] })
    expect(dueAt([[0, both]])).toEqual(['memory.available 0', 'nodefs.inodesFree 0'])
  })

  it('says so as long as the transition period lasts, also of a soft threshold in its grace period', () => {
    const short = nextEvictionState({ state: calmState, thresholds, observations: memory('400Mi'), nowMs: 0 })
    const calm = nextEvictionState({ state: short, thresholds, observations: memory('4Gi'), nowMs: 10_000 })
    expect([...pressureConditions(calm, 300_000, 299_999)]).toEqual(['MemoryPressure'])
    expect([...pressureConditions(calm, 300_000, 300_000)]).toEqual([])
  })
})
