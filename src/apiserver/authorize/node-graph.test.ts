import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { openStore, type Store } from '../../store/store.ts'
import { type NodeGraph, nodeGraph } from './node-graph.ts'

type Host = ReturnType<typeof simHost>

async function put(host: Host, store: Store, key: string, body: object, metadata: object): Promise<void> {
  const before = store.head(key)
  const stamp = (revision: number) => ({
    apiVersion: 'v1',
    kind: 'T',
    ...body,
    metadata: { ...metadata, resourceVersion: String(revision) },
  })
  const made = store.commit(
    before === undefined ? { type: 'create', key, stamp } : { type: 'update', key, revision: before.revision, stamp },
  )
  if (made.ok) await host.run(made.value.durable)
}

async function remove(host: Host, store: Store, key: string): Promise<void> {
  const before = store.head(key)
  if (before === undefined) return
  const made = store.commit({ type: 'delete', key, revision: before.revision, stamp: () => before.object })
  if (made.ok) await host.run(made.value.durable)
}

async function world(): Promise<Readonly<{ host: Host; store: Store; graph: NodeGraph }>> {
  const host = simHost()
  const store = await host.run(openStore({ ...host, directory: '/store', onFatal() {} }))
  return { host, store, graph: nodeGraph(store) }
}

describe('what concerns a node', () => {
  it('are volumes bound to claims of its pods, and the secrets to mount them', async () => {
    const { host, store, graph } = await world()
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }]
    const pod = { spec: { nodeName: 'n', containers: [], volumes } }
    await put(host, store, 'pods/a/p', pod, { name: 'p', namespace: 'a', uid: '1' })
    const csi = { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { name: 's', namespace: 'b' } }
    const volume = { spec: { claimRef: { namespace: 'a', name: 'c' }, csi } }
    await put(host, store, 'persistentvolumes/pv', volume, { name: 'pv' })
    const all = (node: string) => [
      graph.isRelated(node, 'persistentvolumeclaims', 'a', 'c'),
      graph.isRelated(node, 'persistentvolumes', '', 'pv'),
      graph.isRelated(node, 'secrets', 'b', 's'),
    ]
    expect([all('n'), all('m')]).toEqual([
      [true, true, true],
      [false, false, false],
    ])
    await remove(host, store, 'pods/a/p')
    expect(all('n')).toEqual([false, false, false])
  })

  it('is nothing that it makes mirror pods for', async () => {
    const { host, store, graph } = await world()
    const pod = { spec: { nodeName: 'n', containers: [], imagePullSecrets: [{ name: 's' }] } }
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    await put(host, store, 'pods/a/p', pod, { name: 'p', namespace: 'a', uid: '1', annotations })
    expect(graph.isRelated('n', 'secrets', 'a', 's')).toBe(false)
    expect(graph.isRelated('n', 'pods', 'a', 'p')).toBe(true)
  })

  it('is what the pods that are there need, whatever has been there before', async () => {
    const step = fc.record({ pod: fc.nat(3), node: fc.nat(2), secret: fc.nat(2), isGone: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const { host, store, graph } = await world()
        const there = new Map<number, Readonly<{ node: number; secret: number }>>()
        for (const [at, { pod, node, secret, isGone }] of steps.entries()) {
          const key = `pods/a/p${pod}`
          // What is in a pod's spec stays for its life.
          await remove(host, store, key)
          there.delete(pod)
          if (isGone) continue
          const spec = { nodeName: `n${node}`, containers: [], imagePullSecrets: [{ name: `s${secret}` }] }
          await put(host, store, key, { spec }, { name: `p${pod}`, namespace: 'a', uid: String(at) })
          there.set(pod, { node, secret })
        }
        for (const node of [0, 1, 2]) {
          for (const secret of [0, 1, 2]) {
            const expected = [...there.values()].some((one) => one.node === node && one.secret === secret)
            expect(graph.isRelated(`n${node}`, 'secrets', 'a', `s${secret}`)).toBe(expected)
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})
