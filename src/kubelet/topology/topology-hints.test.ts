import { describe, expect, it } from 'vitest'
import { allMasks, maskOf } from './numa-mask.ts'
import { mergeHints, type TopologyHint, type TopologyPolicy } from './topology-hints.ts'

const on = (...nodes: number[]): TopologyHint => ({ nodes: maskOf(nodes), preferred: true })
const rather = (...nodes: number[]): TopologyHint => ({ nodes: maskOf(nodes), preferred: false })
const any: TopologyHint = { nodes: undefined, preferred: true }

type Hints = Readonly<Record<string, readonly TopologyHint[] | undefined>>
type Policy = Exclude<TopologyPolicy, 'none'>

function merge(policy: Policy, nodes: readonly number[], ...providers: readonly Hints[]) {
  return mergeHints(
    { policy, nodes },
    providers.map((hints) => new Map(Object.entries(hints))),
  )
}

describe('hints of several who give out resources', () => {
  const cases: readonly (readonly [string, readonly Hints[], TopologyHint])[] = [
    ['agree on a node', [{ a: [on(0)] }, { b: [on(0)] }], on(0)],
    ['meet on the node that both prefer', [{ a: [on(0), on(1)] }, { b: [on(1)] }], on(1)],
    ['meet where one of two has its only choice', [{ a: [on(1)] }, { b: [rather(0, 1), on(1)] }], on(1)],
    ['are of lower numbers where nothing else tells', [{ a: [on(0), on(1)] }, { b: [on(0), on(1)] }], on(0)],
    ['do not matter where nobody cares', [{}, { a: undefined }], on(0, 1)],
    ['are those of the one who cares', [{}, { a: [on(1)] }], on(1)],
    ['are not preferred where they only overlap', [{ a: [on(0)] }, { b: [on(0, 1)] }], rather(0)],
    ['are none where they contradict each other', [{ a: [on(0)] }, { b: [on(1)] }], rather(0, 1)],
    ['are everywhere where a resource cannot be had', [{ a: [] }, { b: [on(1)] }], rather(1)],
    [
      'are as wide as the one who needs the most',
      [{ a: [rather(0), rather(1), rather(0, 1)] }, { b: [rather(0, 1)] }],
      rather(0, 1),
    ],
  ]
  it.each(cases)('%s', (_, providers, expected) => {
    expect(merge('best-effort', [0, 1], ...providers)).toEqual({ hint: expected, admitted: true })
    expect(merge('restricted', [0, 1], ...providers)).toEqual({ hint: expected, admitted: expected.preferred })
  })

  it.each<readonly [string, readonly Hints[], TopologyHint]>([
    ['one node', [{ a: [on(0), on(1), rather(0, 1)] }], on(0)],
    ['any, where nobody cares', [{}], any],
    ['none, where one node is not enough', [{ a: [on(0, 1)] }], { nodes: undefined, preferred: false }],
    [
      'none, where they are on different nodes',
      [{ a: [on(0)] }, { b: [on(1)] }],
      { nodes: undefined, preferred: false },
    ],
  ])('are %s under single-numa-node', (_, providers, hint) => {
    expect(merge('single-numa-node', [0, 1], ...providers)).toEqual({ hint, admitted: hint.preferred })
  })

  it('are of nodes that are close to each other, if so wanted', () => {
    const hints = new Map([['a', [on(0, 1), on(0, 2), on(1, 2)]]])
    const distances = new Map([
      [0, [10, 40, 20]],
      [1, [40, 10, 30]],
      [2, [20, 30, 10]],
    ])
    const rules = { policy: 'best-effort', nodes: [0, 1, 2] } as const
    expect(mergeHints(rules, [hints]).hint).toEqual(on(0, 1))
    expect(mergeHints({ ...rules, distances }, [hints]).hint).toEqual(on(0, 2))
  })
})

it('sets of nodes come with the smaller first', () => {
  expect(allMasks([0, 1, 3])).toEqual([0b1, 0b10, 0b1000, 0b11, 0b1001, 0b1010, 0b1011])
})
