import { describe, expect, it } from 'vitest'
import type { NamespaceStatus } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { brief, sampleNamespace, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { type Content, reconcileNamespace } from './namespace.ts'

const dying = sampleNamespace('n', { metadata: { deletionTimestamp: secondsAgo(2) } })
const of = (kind: Kind, ...objects: readonly Stored<unknown>[]): Content => ({ kind, objects })
const alive = samplePod('a')
const doomed = samplePod('b', {
  metadata: { deletionTimestamp: secondsAgo(1), finalizers: ['x/y'] },
  spec: { terminationGracePeriodSeconds: 30 },
})
const observed = (...content: readonly Content[]) => ({ nowMs: sampleNowMs, namespace: dying, content })

function conditionsOf(content: readonly Content[]) {
  const action = reconcileNamespace(observed(...content)).find(({ type }) => type === 'updateStatus')
  const status = action?.type === 'updateStatus' ? (action.object.status as NamespaceStatus) : undefined
  return Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: is, reason, message }) => [type, { is, reason, message }]),
  )
}

describe('a namespace', () => {
  it('is left alone while it lives', () => {
    const namespace = sampleNamespace('n')
    expect(reconcileNamespace({ nowMs: sampleNowMs, namespace, content: [of(kinds.pods, alive)] })).toEqual([])
  })

  it('is emptied pods first, everything by its uid', () => {
    const actions = reconcileNamespace(observed(of(kinds.pods, alive, doomed), of(kinds.configMaps, alive)))
    expect(brief(actions)).toEqual(['delete pods/a', 'requeue 0'])
    expect(actions[0]).toMatchObject({ target: { uid: 'uid-a' }, options: { propagationPolicy: 'Background' } })
  })

  it('is emptied of all else when no pod is left', () => {
    const actions = reconcileNamespace(observed(of(kinds.pods), of(kinds.configMaps, alive), of(kinds.secrets, alive)))
    expect(brief(actions)).toEqual(['delete configmaps/a', 'delete secrets/a', 'requeue 0'])
  })

  it('tells what is left, and waits for half the time that this should take', () => {
    const content = [of(kinds.pods, doomed)]
    expect(brief(reconcileNamespace(observed(...content)))).toEqual(['updateStatus namespaces/n', 'requeue 16000'])
    expect(conditionsOf(content)).toMatchObject({
      NamespaceContentRemaining: {
        is: 'True',
        reason: 'SomeResourcesRemain',
        message: 'Some resources are remaining: pods. has 1 resource instances',
      },
      NamespaceFinalizersRemaining: {
        is: 'True',
        reason: 'SomeFinalizersRemain',
        message: 'Some content in the namespace has finalizers remaining: x/y in 1 resource instances',
      },
      NamespaceDeletionContentFailure: { is: 'False', reason: 'ContentDeleted' },
    })
  })

  it('is not let go of while a kind cannot be listed', () => {
    const content = [of(kinds.pods), { kind: kinds.secrets, objects: [], error: 'etcd is away' }]
    expect(brief(reconcileNamespace(observed(...content)))).toEqual(['updateStatus namespaces/n', 'requeue 8000'])
    expect(conditionsOf(content).NamespaceDeletionContentFailure).toEqual({
      is: 'True',
      reason: 'ContentDeletionFailed',
      message: 'Failed to delete all resource types, 1 remaining: etcd is away',
    })
  })

  it('is let go of when nothing is left, other finalizers kept', () => {
    const namespace = { ...dying, spec: { finalizers: ['kubernetes', 'mine'] } }
    const actions = reconcileNamespace({ nowMs: sampleNowMs, namespace, content: [of(kinds.pods)] })
    expect(brief(actions)).toEqual(['updateStatus namespaces/n', 'finalize namespaces/n'])
    expect(actions[1]).toMatchObject({ object: { spec: { finalizers: ['mine'] } } })
    expect(actions[1]?.type === 'finalize' && actions[1].object.metadata.resourceVersion).toBeUndefined()
  })

  it('says nothing twice', () => {
    const content = [of(kinds.pods, doomed)]
    const [written] = reconcileNamespace(observed(...content))
    const status = written?.type === 'updateStatus' ? (written.object.status as NamespaceStatus) : {}
    const again = reconcileNamespace({ nowMs: sampleNowMs, namespace: { ...dying, status }, content })
    expect(brief(again)).toEqual(['requeue 16000'])
  })
})
