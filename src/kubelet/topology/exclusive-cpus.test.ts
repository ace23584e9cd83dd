import { describe, expect, it } from 'vitest'
import type { Container } from '../../api/kinds.generated.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { testContainer, testPod } from '../test-pod.ts'
import { formatCpuSet } from './cpu-set.ts'
import {
  type CpuRules,
  type CpuState,
  containerHints,
  exclusiveCount,
  freshState,
  giveCpus,
  podHints,
  stateFault,
  takeBackCpus,
} from './exclusive-cpus.ts'
import { maskOf } from './numa-mask.ts'
import { oneSocket, twoSockets } from './test-topologies.ts'

const rules = (more: Partial<CpuRules> = {}): CpuRules => ({
  ...{ topology: oneSocket, reserved: [0], wholeCores: false, strictReservation: false },
  ...more,
})

function wanting(name: string, cpu: string, more: Partial<Container> = {}): Container {
  const amounts = { cpu, memory: '64Mi' }
  return testContainer(name, { resources: { requests: amounts, limits: amounts }, ...more })
}

function pod(uid: string, containers: readonly Container[], initContainers: readonly Container[] = []): KubeletPod {
  const made = testPod({ containers, ...(initContainers.length === 0 ? {} : { initContainers }) })
  return { ...made, metadata: { ...made.metadata, uid } }
}

/** The state once all containers of the pod have what they are to have. */
function given(known: CpuRules, state: CpuState, asking: KubeletPod, nodes?: number): CpuState {
  let next = state
  for (const container of [...(asking.spec.initContainers ?? []), ...asking.spec.containers]) {
    const result = giveCpus(known, next, asking, container, nodes)
    if (!result.ok) throw new Error(result.error.message)
    next = result.value
  }
  return next
}

const owned = (state: CpuState, uid: string) =>
  Object.fromEntries([...(state.exclusive.get(uid) ?? [])].map(([name, cpus]) => [name, formatCpuSet(cpus)]))

describe('processors of one container alone', () => {
  it.each([
    ['of a Guaranteed pod that asks for whole ones', pod('p', [wanting('a', '2')]), 2],
    ['not of one that asks for a part', pod('p', [wanting('a', '1500m')]), 0],
    ['not of one that is Burstable', pod('p', [testContainer('a', { resources: { requests: { cpu: '2' } } })]), 0],
  ])('are %s', (_, asking, count) => {
    expect(exclusiveCount(asking, asking.spec.containers[0] ?? testContainer('a'))).toBe(count)
  })

  it('are nobody else’s until they are given back', () => {
    const start = freshState(rules())
    const state = given(rules(), start, pod('p', [wanting('a', '2'), wanting('b', '1')]))
    expect(owned(state, 'p')).toEqual({ a: '1,5', b: '4' })
    expect(formatCpuSet(state.shared)).toBe('0,2-3,6-7')
    expect(stateFault(rules(), state)).toBeUndefined()
    expect(takeBackCpus(state, 'p')).toEqual(start)
  })

  it('pass from init containers that end to those after them, but not from sidecars', () => {
    const initContainers = [wanting('i', '2'), wanting('s', '1', { restartPolicy: 'Always' })]
    const state = given(rules(), freshState(rules()), pod('p', [wanting('a', '2')], initContainers))
    expect(owned(state, 'p')).toEqual({ i: '1,5', s: '4', a: '1,5' })
    expect(state.shared.length).toBe(8 - 3)
  })

  it('are of the nodes that were chosen, as far as there are any', () => {
    const known = rules({ topology: twoSockets, reserved: [0] })
    const state = given(known, freshState(known), pod('p', [wanting('a', '4')]), maskOf([1]))
    expect(owned(state, 'p')).toEqual({ a: '1,3,7,9' })
    const further = given(known, state, pod('q', [wanting('a', '4')]), maskOf([1]))
    expect(owned(further, 'q')).toEqual({ a: '2,5,8,11' })
  })

  it('never are those that are reserved', () => {
    const asking = pod('p', [wanting('a', '8')])
    const refused = giveCpus(rules(), freshState(rules()), asking, wanting('a', '8'), undefined)
    expect(refused).toEqual({
      ok: false,
      error: {
        reason: 'UnexpectedAdmissionError',
        message:
          'Allocate failed due to not enough cpus available to satisfy request: requested=8, available=7, which is unexpected',
      },
    })
  })

  it.each([
    ['3', 'SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2'],
    [
      '8',
      'SMT Alignment Error: not enough free physical CPUs: available physical CPUs = 6, requested CPUs = 8, CPUs per core = 2',
    ],
  ])('are whole cores, if so wanted: not %s', (cpu, message) => {
    const known = rules({ wholeCores: true })
    const asking = pod('p', [wanting('a', cpu)])
    const refused = giveCpus(known, freshState(known), asking, wanting('a', cpu), undefined)
    expect(!refused.ok && refused.error).toEqual({ reason: 'SMTAlignmentError', message })
  })

  it('are not shared with what is strictly reserved', () => {
    const known = rules({ strictReservation: true })
    const fresh = freshState(known)
    expect(formatCpuSet(fresh.shared)).toBe('1-7')
    expect(stateFault(known, fresh)).toBeUndefined()
    expect(stateFault(rules(), fresh)).toBe('not all reserved cpus: "0" are present in defaultCpuSet: "1,2,3,4,5,6,7"')
  })

  it('must be those of the machine', () => {
    const state = { shared: [0, 1, 2], exclusive: new Map() }
    expect(stateFault(rules(), state)).toBe(
      'current set of available CPUs "0,1,2,3,4,5,6,7" doesn\'t match with CPUs in state "0,1,2"',
    )
  })
})

describe('where processors could come from', () => {
  const known = rules({ topology: twoSockets, reserved: [0] })
  const fresh = freshState(known)
  const hint = (preferred: boolean, ...nodes: number[]) => ({ nodes: maskOf(nodes), preferred })

  it.each([
    ['2', [hint(true, 0), hint(true, 1), hint(false, 0, 1)]],
    ['6', [hint(true, 1), hint(false, 0, 1)]],
    ['8', [hint(true, 0, 1)]],
    ['12', []],
  ])('for %s', (cpu, hints) => {
    const asking = pod('p', [wanting('a', cpu)])
    expect(containerHints(known, fresh, asking, wanting('a', cpu)).get('cpu')).toEqual(hints)
    expect(podHints(known, fresh, asking).get('cpu')).toEqual(hints)
  })

  it('does not matter for who shares', () => {
    expect(containerHints(known, fresh, pod('p', [wanting('a', '500m')]), wanting('a', '500m')).size).toBe(0)
  })

  it('is where they are already', () => {
    const asking = pod('p', [wanting('a', '2')])
    const state = given(known, fresh, asking, maskOf([1]))
    expect(containerHints(known, state, asking, wanting('a', '2')).get('cpu')).toEqual([
      hint(true, 1),
      hint(false, 0, 1),
    ])
    expect(containerHints(known, state, asking, wanting('a', '3')).get('cpu')).toEqual([])
  })
})
