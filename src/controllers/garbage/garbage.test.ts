import { describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { brief, samplePod, secondsAgo } from '../sample-objects.ts'
import { type Dependent, type OwnerState, reconcileGarbage } from './garbage.ts'

const reference = (name: string, blockOwnerDeletion = false) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name,
  uid: `uid-${name}`,
  blockOwnerDeletion,
})

function observed(
  owners: Readonly<Record<string, OwnerState>>,
  more: Readonly<{
    finalizers?: readonly string[]
    deleting?: boolean
    dependents?: readonly Dependent[]
    blocks?: boolean
  }> = {},
) {
  const ownerReferences = Object.keys(owners).map((name) => reference(name, more.blocks))
  const object = samplePod('p', {
    metadata: {
      ownerReferences,
      ...(more.finalizers && { finalizers: more.finalizers }),
      ...(more.deleting && { deletionTimestamp: secondsAgo(1) }),
    },
  })
  return {
    kind: kinds.pods,
    object: object as Stored<unknown>,
    owners: ownerReferences.map((each) => ({ reference: each, state: owners[each.name] ?? 'unknown' })),
    dependents: more.dependents ?? [],
  }
}

const dependent = (name: string, more: Partial<Dependent> = {}): Dependent => ({
  target: { kind: kinds.pods, name, namespace: 'default', uid: `uid-${name}` },
  blocksOwner: false,
  waits: false,
  ...more,
})

const cases: readonly (readonly [string, ReturnType<typeof observed>, readonly string[]])[] = [
  ['leaves what nobody owns', observed({}), []],
  ['leaves what has its owner', observed({ a: 'solid' }), []],
  ['deletes what has lost its owner', observed({ a: 'dangling' }), ['delete pods/p']],
  ['deletes what has lost all of its owners', observed({ a: 'dangling', b: 'dangling' }), ['delete pods/p']],
  ['drops the reference to an owner that is gone', observed({ a: 'solid', b: 'dangling' }), ['patch pods/p']],
  [
    'drops the reference to an owner that waits, when there is another',
    observed({ a: 'solid', b: 'waiting' }),
    ['patch pods/p'],
  ],
  ['deletes what its owner waits for', observed({ a: 'waiting' }), ['delete pods/p']],
  ['asks again later when nobody can tell', observed({ a: 'unknown', b: 'dangling' }), ['requeue 5000']],
  ['leaves what is being deleted', observed({ a: 'dangling' }, { deleting: true }), []],
  [
    'frees the dependents of what is deleted with Orphan, then lets it go',
    observed({}, { deleting: true, finalizers: ['orphan'], dependents: [dependent('x'), dependent('y')] }),
    ['patch pods/x', 'patch pods/y', 'patch pods/p'],
  ],
  [
    'waits for dependents that block',
    observed(
      {},
      { deleting: true, finalizers: ['foregroundDeletion'], dependents: [dependent('x', { blocksOwner: true })] },
    ),
    [],
  ],
  [
    'does not wait for others',
    observed({}, { deleting: true, finalizers: ['foregroundDeletion'], dependents: [dependent('x')] }),
    ['patch pods/p'],
  ],
  [
    'breaks a circle of those that wait for each other',
    observed({ a: 'waiting' }, { blocks: true, dependents: [dependent('x', { waits: true })] }),
    ['patch pods/p', 'delete pods/p'],
  ],
]

/** With which propagation something is deleted. */
const policies: readonly (readonly [string, ReturnType<typeof observed>, string])[] = [
  ['in the background', observed({ a: 'dangling' }, { dependents: [dependent('x')] }), 'Background'],
  [
    'in the foreground, when its owner waits and it has dependents',
    observed({ a: 'waiting' }, { dependents: [dependent('x')] }),
    'Foreground',
  ],
  ['as a finalizer of its own says', observed({ a: 'dangling' }, { finalizers: ['orphan'] }), 'Orphan'],
]

describe('the garbage collector', () => {
  it.each(cases)('%s', (_name, state, expected) => {
    expect(brief(reconcileGarbage(state))).toEqual(expected)
  })

  it.each(policies)('deletes %s, and only what it has seen', (_name, state, propagationPolicy) => {
    expect(reconcileGarbage(state)).toMatchObject([
      {
        type: 'delete',
        target: { uid: 'uid-p' },
        options: { propagationPolicy, preconditions: { resourceVersion: '1' } },
      },
    ])
  })
})
