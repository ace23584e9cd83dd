import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { simMachine } from '../../host/sim/machine.ts'
import type { Kubelet } from '../kubelet.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { fnv128a } from './fnv-hash.ts'
import { podOfManifest } from './manifest-pod.ts'

const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const manifest = (image: string, more = ''): Uint8Array =>
  bytes(
    `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  terminationGracePeriodSeconds: 5\n  containers:\n  - {name: a, image: '${image}'}\n${more}`,
  )
const folder = '/etc/kubernetes/manifests'
const key = 'default/web-n1'

function world() {
  const simulated = simMachine()
  // So seldom that what is noticed is noticed by the watch.
  const made = kubeletWorld(simulated, running, { staticPodPath: folder, fileCheckFrequency: '10h' })
  const { api, disk, until } = made
  const settled = async <T>(work: Promise<T>): Promise<void> => {
    let done = false
    void work.then(() => {
      done = true
    })
    await until('it is written', () => done)
  }
  const write = (image: string) => settled(disk.writeFile(`${folder}/web.yaml`, manifest(image)))
  const mirror = () => api.find(kinds.pods, key)
  const isReady = () =>
    mirror()?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return { ...made, clock: simulated.clock, settled, write, mirror, isReady }
}

describe('a static pod', () => {
  it('runs without the API server knowing, and is shown there under another uid', async () => {
    const { start, disk, settled, write, mirror, isReady, until, runtime, api } = world()
    await settled(disk.makeDirectory(folder))
    await write('img:1')
    await start()
    await until('it is ready', isReady)
    const uid = runtime.sandboxes()[0]?.pod.uid ?? ''
    const shown = mirror()
    expect(uid).toMatch(/^[0-9a-f]{32}$/)
    expect(shown?.metadata.uid).not.toBe(uid)
    expect(shown?.metadata.annotations).toMatchObject({
      'kubernetes.io/config.hash': uid,
      'kubernetes.io/config.mirror': uid,
      'kubernetes.io/config.source': 'file',
      'kubernetes.io/config.seen': expect.stringMatching(/^\d{4}-/),
    })
    const node = api.find(kinds.nodes, 'n1')
    expect(shown?.metadata.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: node?.metadata.uid, controller: true },
    ])
    expect(shown?.spec.tolerations).toEqual([{ operator: 'Exists', effect: 'NoExecute' }])
  })

  it('does not heed what is done to its mirror, which is made anew', async () => {
    const { start, disk, settled, write, mirror, isReady, until, runtime, api } = world()
    await settled(disk.makeDirectory(folder))
    await write('img:1')
    await start()
    await until('it is ready', isReady)
    const first = mirror()
    api.drop(kinds.pods, key)
    await until('it is shown again, ready as it is', () => mirror() !== first && isReady())
    expect(runtime.calls.filter((call) => /^(start|stop)/.test(call))).toEqual(['start a#0'])
  })

  it('is what its file says: begun when the file comes, begun anew when it changes, ended when it goes', async () => {
    const { start, disk, settled, write, mirror, isReady, until, runtime } = world()
    await settled(disk.makeDirectory(folder))
    await start()
    await write('img:1')
    await until('it is ready', isReady)
    const first = mirror()?.metadata.annotations?.['kubernetes.io/config.hash']
    await settled(disk.writeFile(`${folder}/.web.swp`, manifest('img:9')))
    await write('img:2')
    const isNew = () => mirror()?.metadata.annotations?.['kubernetes.io/config.hash'] !== first
    await until('it is another', () => isNew() && isReady())
    expect(runtime.specs.map(({ image }) => image)).toEqual(['img:1', 'img:2'])
    expect(runtime.calls.indexOf('stop a 5')).toBeLessThan(runtime.calls.lastIndexOf('start a#0'))
    await settled(disk.remove(`${folder}/web.yaml`))
    await until('nothing is left of it', () => runtime.sandboxes().length === 0 && mirror() === undefined)
  })

  it('goes on over a restart of the kubelet', async () => {
    const { start, disk, settled, write, isReady, until, runtime, clock } = world()
    await settled(disk.makeDirectory(folder))
    await write('img:1')
    await (await start()).stop()
    await start()
    await until('it is ready', isReady)
    await clock.runUntil(clock.nowMs() + 20_000)
    expect(runtime.calls.filter((call) => /^(start|stop|remove)/.test(call))).toEqual(['start a#0'])
  })
})

describe('a manifest', () => {
  const source = { file: '/m/web.yaml', nodeName: 'n1', nowMs: 0 }

  it('makes the same pod each time, with the defaults of any pod', () => {
    const pods = [podOfManifest(manifest('img:1'), source), podOfManifest(manifest('img:1'), { ...source, nowMs: 5 })]
    expect(pods[0]?.ok && pods[1]?.ok && pods[0].value.metadata.uid === pods[1].value.metadata.uid).toBe(true)
    expect(pods[0]?.ok && pods[0].value.spec).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst' })
    expect(pods[0]?.ok && pods[0].value.metadata.name).toBe('web-n1')
  })

  it.each([
    [manifest('img:1', '  serviceAccountName: robot\n'), 'static pods may not reference serviceaccounts'],
    [manifest('img:1', '  volumes: [{name: s, secret: {secretName: x}}]\n'), 'static pods may not reference secrets'],
    [bytes('apiVersion: v1\nkind: Pod\nmetadata: {}\n'), 'invalid pod: name is needed for the pod'],
    [manifest(''), 'invalid pod: [spec.containers[0].image: Required value]'],
  ])('is refused where no pod can be made of it alone', (text, error) => {
    expect(podOfManifest(text, source)).toEqual({ ok: false, error })
  })

  it('is hashed as Go does it', () => {
    expect(fnv128a('')).toBe('6c62272e07bb014262b821756295c58d')
    expect(fnv128a('a')).toBe('d228cb696f1a8caf78912b704e4a8964')
  })
})
