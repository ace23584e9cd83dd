import { beforeEach, describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { Send, Sent } from '../test-exchange.ts'
import { testWorld } from '../test-world.ts'

const ns = '/api/v1/namespaces/default'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const disk = simDisk({ clock, random })
  const host = { clock, random, disk, log: simLog(clock), keys: simKeys(random), run: simRun(clock) }
  const { send } = await testWorld(host)
  return { send, clock, run: host.run }
}

let send: Send

beforeEach(async () => {
  ;({ send } = await world())
  await send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'default' }, automountServiceAccountToken: false })
})

const container = (more: object = {}) => ({ name: 'c', image: 'i', ...more })
const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { containers: [container()], ...spec },
})
const made = async (path: string, object: unknown): Promise<Sent> => {
  const sent = await send('POST', path, object)
  expect([sent.status, sent.text]).toEqual([201, expect.anything()])
  return sent
}
const refusal = async (path: string, object: unknown): Promise<unknown> => {
  const sent = await send('POST', path, object)
  return (sent.json as { message?: string }).message
}

describe('limits of a namespace', () => {
  beforeEach(async () => {
    const limits = [
      {
        type: 'Container',
        default: { cpu: '300m' },
        defaultRequest: { cpu: '100m' },
        max: { cpu: '1' },
        min: { cpu: '50m' },
      },
      { type: 'Pod', maxLimitRequestRatio: { cpu: '4' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
    ]
    await made(`${ns}/limitranges`, { metadata: { name: 'l' }, spec: { limits } })
  })

  it('are what pods get that say nothing, and that is noted', async () => {
    const { json } = await made(`${ns}/pods`, pod('p'))
    expect(json).toMatchObject({
      metadata: {
        annotations: {
          'kubernetes.io/limit-ranger':
            'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
        },
      },
      spec: { containers: [{ resources: { limits: { cpu: '300m' }, requests: { cpu: '100m' } } }] },
    })
  })

  it('are kept, in the words of the original', async () => {
    const resources = { limits: { cpu: '2' }, requests: { cpu: '20m' } }
    const said = await refusal(`${ns}/pods`, pod('p', { containers: [container({ resources })] }))
    expect(said).toBe(
      'pods "p" is forbidden: [minimum cpu usage per Container is 50m, but request is 20m, maximum cpu usage per Container is 1, but limit is 2, cpu max limit to request ratio per Pod is 4, but provided ratio is 100.000000]',
    )
    const claim = (storage: string) => ({
      metadata: { name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    })
    const claims = `${ns}/persistentvolumeclaims`
    expect(await refusal(claims, claim('1Mi'))).toBe(
      'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    )
    expect(await refusal(claims, claim('3Gi'))).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    )
  })
})

describe('a quota', () => {
  const quota = async (hard: Readonly<Record<string, string>>, used?: Readonly<Record<string, string>>) => {
    await made(`${ns}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } })
    if (used !== undefined) await send('PATCH', `${ns}/resourcequotas/q/status`, { status: { hard, used } }, merge)
  }

  it('that nobody has counted yet lets nothing be made of what it limits', async () => {
    await quota({ pods: '2' })
    await send('PATCH', `${ns}/resourcequotas/q/status`, { status: { hard: { pods: '2', services: '1' } } }, merge)
    expect(await refusal(`${ns}/pods`, pod('p'))).toBe(
      'pods "p" is forbidden: status unknown for quota: q, resources: pods',
    )
    await made(`${ns}/configmaps`, { metadata: { name: 'c' } })
  })

  it('is charged, refuses what exceeds it, and is left alone by what is only tried', async () => {
    await quota({ pods: '2', 'requests.cpu': '1' }, { pods: '0', 'requests.cpu': '0' })
    const asking = (name: string, cpu: string) =>
      pod(name, { containers: [container({ resources: { requests: { cpu } } })] })
    await send('POST', `${ns}/pods?dryRun=All`, asking('dry', '600m'))
    await made(`${ns}/pods`, asking('a', '600m'))
    expect((await send('GET', `${ns}/resourcequotas/q`)).json).toMatchObject({
      status: { used: { pods: '1', 'requests.cpu': '600m' } },
    })
    expect(await refusal(`${ns}/pods`, asking('b', '500m'))).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    expect(await refusal(`${ns}/pods`, pod('c'))).toBe(
      'pods "c" is forbidden: failed quota: q: must specify requests.cpu for: c',
    )
  })

  it('counts each of many that are made at once', async () => {
    await quota({ 'count/configmaps': '2' }, { 'count/configmaps': '0' })
    const both = await Promise.all(
      ['a', 'b', 'c'].map((name) => send('POST', `${ns}/configmaps`, { metadata: { name } })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([201, 201, 403])
  })
})

describe('priority', () => {
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'

  it('is that of the class, or of the default class', async () => {
    await made(classes, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' })
    const named = await made(`${ns}/pods`, pod('a', { priorityClassName: 'high' }))
    expect(named.json).toMatchObject({ spec: { priority: 1000, preemptionPolicy: 'Never' } })
    const plain = await made(`${ns}/pods`, pod('b'))
    expect(plain.json).toMatchObject({ spec: { priority: 0, preemptionPolicy: 'PreemptLowerPriority' } })
    await made(classes, { metadata: { name: 'usual' }, value: 7, globalDefault: true })
    const usual = await made(`${ns}/pods`, pod('c'))
    expect(usual.json).toMatchObject({ spec: { priority: 7, priorityClassName: 'usual' } })
    expect(await refusal(classes, { metadata: { name: 'other' }, value: 8, globalDefault: true })).toBe(
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    )
    expect(await refusal(`${ns}/pods`, pod('d', { priorityClassName: 'none' }))).toBe(
      'pods "d" is forbidden: no PriorityClass with name none was found',
    )
    expect(await refusal(`${ns}/pods`, pod('e', { priorityClassName: 'high', priority: 3 }))).toBe(
      'pods "e" is forbidden: the integer value of priority (3) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    )
  })
})

describe('pod security', () => {
  const label = async (labels: Readonly<Record<string, string>>) => {
    const prefixed = Object.entries(labels).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value])
    return send('PATCH', '/api/v1/namespaces/default', { metadata: { labels: Object.fromEntries(prefixed) } }, merge)
  }

  it('refuses pods, and warns of what would make such', async () => {
    await label({ enforce: 'baseline' })
    const spec = { hostNetwork: true }
    expect(await refusal(`${ns}/pods`, pod('p', spec))).toBe(
      'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    )
    const template = { metadata: { labels: { a: 'b' } }, spec: { ...spec, containers: [container()] } }
    const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }
    const told = await made('/apis/apps/v1/namespaces/default/deployments', deployment)
    expect(told.headers.warning).toBe(
      '299 - "would violate PodSecurity \\"baseline:latest\\": host namespaces (hostNetwork=true)"',
    )
  })

  it('tells all that is wrong, unless it is very much', async () => {
    await label({ warn: 'restricted' })
    const told = await made(`${ns}/pods`, pod('p'))
    expect(told.headers.warning).toContain('to \\"RuntimeDefault\\" or \\"Localhost\\")"')
    const containers = Array.from({ length: 70 }, (_, at) => container({ name: `container-number-${at}` }))
    const cut = await made(`${ns}/pods`, pod('q', { containers }))
    expect(cut.headers.warning?.length).toBeLessThan(300)
  })

  it('tells which pods there are that a namespace would not have', async () => {
    await made(`${ns}/pods`, pod('a'))
    await made(`${ns}/pods`, pod('b'))
    await made(`${ns}/pods`, pod('c', { hostPID: true }))
    const told = await label({ enforce: 'restricted', 'enforce-version': 'v1.0' })
    expect(told.headers.warning?.split(', 299')).toEqual([
      '299 - "existing pods in namespace \\"default\\" violate the new PodSecurity enforce level \\"restricted:v1.0\\""',
      ' - "a (and 1 other pod): runAsNonRoot != true"',
      ' - "c: host namespaces, runAsNonRoot != true"',
    ])
    const wrong = await label({ enforce: 'strict' })
    expect(wrong.json).toMatchObject({
      code: 422,
      message:
        'Namespace "default" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    })
  })
})

describe('what pods and claims are given', () => {
  it('overhead, selectors and tolerations of the runtime class', async () => {
    await made('/apis/node.k8s.io/v1/runtimeclasses', {
      metadata: { name: 'vm' },
      handler: 'vm',
      overhead: { podFixed: { cpu: '10m' } },
      scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] },
    })
    const given = await made(`${ns}/pods`, pod('a', { runtimeClassName: 'vm' }))
    expect(given.json).toMatchObject({ spec: { overhead: { cpu: '10m' }, nodeSelector: { vm: 'yes' } } })
    expect(await refusal(`${ns}/pods`, pod('b', { runtimeClassName: 'none' }))).toBe(
      'pods "b" is forbidden: pod rejected: RuntimeClass "none" not found',
    )
    expect(await refusal(`${ns}/pods`, pod('c', { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } }))).toBe(
      'pods "c" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
    )
    expect(await refusal(`${ns}/pods`, pod('d', { overhead: { cpu: '1' } }))).toBe(
      'pods "d" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    )
  })

  it('the default class, protection while in use, and growth where the class allows it', async () => {
    const metadata = { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }
    const classes = '/apis/storage.k8s.io/v1/storageclasses'
    await made(classes, { metadata, provisioner: 'x.y', allowVolumeExpansion: false })
    const resources = { requests: { storage: '1Gi' } }
    const claim = { metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources } }
    const { json } = await made(`${ns}/persistentvolumeclaims`, claim)
    expect(json).toMatchObject({
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { storageClassName: 'fast' },
    })
    const larger = { spec: { resources: { requests: { storage: '2Gi' } } } }
    await send('PATCH', `${ns}/persistentvolumeclaims/c/status`, { status: { phase: 'Bound' } }, merge)
    const grown = await send('PATCH', `${ns}/persistentvolumeclaims/c`, larger, merge)
    expect(grown.json).toMatchObject({
      message:
        'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    })
  })

  it('the zone of the node they are bound to', async () => {
    const labels = { 'topology.kubernetes.io/zone': 'z', other: 'o' }
    await made('/api/v1/nodes', { metadata: { name: 'n', labels } })
    await made(`${ns}/pods`, pod('a'))
    await made(`${ns}/pods/a/binding`, { metadata: { name: 'a' }, target: { kind: 'Node', name: 'n' } })
    const bound = await send('GET', `${ns}/pods/a`)
    expect((bound.json as { metadata: { labels: object } }).metadata.labels).toEqual({
      'topology.kubernetes.io/zone': 'z',
    })
  })
})

describe('a pod that is to grow', () => {
  it('does so within its node', async () => {
    await made('/api/v1/nodes', { metadata: { name: 'n' } })
    await send('PATCH', '/api/v1/nodes/n/status', { status: { allocatable: { cpu: '1', memory: '1Gi' } } }, merge)
    const sized = (cpu: string) => ({ spec: { containers: [container({ resources: { requests: { cpu } } })] } })
    await made(`${ns}/pods`, { ...pod('p'), spec: { ...sized('100m').spec, nodeName: 'n' } })
    const strategic = { headers: { 'content-type': 'application/strategic-merge-patch+json' } }
    const grown = await send('PATCH', `${ns}/pods/p/resize`, sized('2'), strategic)
    expect(grown.json).toMatchObject({
      code: 403,
      details: { causes: [{ reason: 'NodeCapacity' }] },
      message: `pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: 2000, allocatable: 1000`,
    })
    expect((await send('PATCH', `${ns}/pods/p/resize`, sized('500m'), strategic)).status).toBe(200)
  })
})

describe('a name that is taken by what is on its way out', () => {
  it('is said to be', async () => {
    const path = `${ns}/configmaps`
    await made(path, { metadata: { name: 'c', finalizers: ['a.b/c'] } })
    await send('DELETE', `${path}/c`)
    const said = 'object is being deleted: configmaps "c" already exists'
    expect(await refusal(path, { metadata: { name: 'c' } })).toBe(said)
  })
})

describe('the service account of a pod', () => {
  it('is waited for where a namespace is too new to have it', async () => {
    await made('/api/v1/namespaces', { metadata: { name: 'new' } })
    const accounts = '/api/v1/namespaces/new/serviceaccounts'
    const [sent] = await Promise.all([
      send('POST', '/api/v1/namespaces/new/pods', pod('p')),
      send('POST', accounts, { metadata: { name: 'default' } }),
    ])
    expect(sent.status).toBe(201)
    await made('/api/v1/namespaces', { metadata: { name: 'newer' } })
    expect(await refusal('/api/v1/namespaces/newer/pods', pod('p'))).toBe(
      'pods "p" is forbidden: error looking up service account newer/default: serviceaccount "default" not found',
    )
  })

  it('may only have the secrets used that it names', async () => {
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
    await made(`${ns}/serviceaccounts`, { metadata: { name: 'narrow', annotations }, secrets: [{ name: 'mine' }] })
    const using = (name: string) =>
      pod('p', { serviceAccountName: 'narrow', volumes: [{ name: 'v', secret: { secretName: name } }] })
    expect(await refusal(`${ns}/pods`, using('other'))).toBe(
      'pods "p" is forbidden: volume with secret.secretName="other" is not allowed because service account narrow does not reference that secret',
    )
    await made(`${ns}/pods`, using('mine'))
  })
})
