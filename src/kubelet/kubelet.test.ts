import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../api/kinds.ts'
import { simMachine } from '../host/sim/machine.ts'
import type { Kubelet } from './kubelet.ts'
import { kubeletWorld } from './test-kubelet.ts'
import { testContainer } from './test-pod.ts'

const second = 1000
const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

function world() {
  const simulated = simMachine()
  return { ...kubeletWorld(simulated, running), clock: simulated.clock, disk: simulated.disk }
}

describe('a kubelet', () => {
  it('registers its node and keeps it alive', async () => {
    const { start, api, clock } = world()
    await start()
    const node = api.find(kinds.nodes, 'n1')
    expect(node?.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'n1', 'kubernetes.io/arch': 'amd64' })
    expect(node?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    })
    const renewed = () => api.find(kinds.leases, 'kube-node-lease/n1')?.spec.renewTime
    const first = renewed()
    await clock.runUntil(clock.nowMs() + 21 * second)
    expect(renewed()).not.toBe(first)
  })

  it('runs a pod and says so', async () => {
    const { start, run, until, isReady, pod, runtime, events } = world()
    await start()
    run('web')
    await until('the pod is ready', () => isReady('web'))
    expect(pod('web')?.status).toMatchObject({
      phase: 'Running',
      podIP: '10.0.0.1',
      hostIP: '192.168.0.1',
      containerStatuses: [{ name: 'a', ready: true, restartCount: 0, started: true }],
    })
    expect(runtime.specs[0]).toMatchObject({ name: 'a', resources: { cpuShares: 2, oomScoreAdj: 1000 } })
    expect(events()).toEqual(expect.arrayContaining(['Created: Container created', 'Started: Container started']))
  })

  it('writes nothing and does nothing while nothing changes', async () => {
    const { start, run, until, isReady, api, clock, runtime } = world()
    await start()
    run('web')
    await until('the pod is ready', () => isReady('web'))
    await clock.runUntil(clock.nowMs() + second)
    const [writes, calls] = [api.writes.length, runtime.calls.length]
    await clock.runUntil(clock.nowMs() + 60 * second)
    expect(api.writes.slice(writes).filter((write) => !write.includes('leases'))).toEqual([])
    expect(runtime.calls.length).toBe(calls)
  })

  it('stops a deleted pod within its grace, then lets it go and leaves nothing', async () => {
    const { start, run, until, isReady, remove, pod, runtime, disk, api } = world()
    await start()
    run('web')
    await until('the pod is ready', () => isReady('web'))
    remove('web', 7)
    await until('the pod is gone', () => pod('web') === undefined)
    expect(runtime.calls).toContain('stop a 7')
    expect(api.writes).toContain('delete pods 0')
    await until('its traces are gone', () => runtime.sandboxes().length === 0)
    let left: readonly string[] | undefined
    await until('its folder is gone', () => {
      void disk.list('/var/lib/kubelet/pods').then((names) => (left = names))
      return left?.length === 0
    })
  })

  it('runs the preStop hook before it stops a container', async () => {
    const { start, run, until, isReady, remove, pod, runtime } = world()
    await start()
    run('web', { containers: [testContainer('a', { lifecycle: { preStop: { exec: { command: ['bye'] } } } })] })
    await until('the pod is ready', () => isReady('web'))
    remove('web', 30)
    await until('the pod is gone', () => pod('web') === undefined)
    expect(runtime.calls.filter((call) => /bye|stop/.test(call))).toEqual(['exec bye', 'stop a 30'])
  })

  it('restarts what crashes, the second time after a wait', async () => {
    const { start, run, until, isReady, pod, runtime, clock } = world()
    await start()
    run('web')
    await until('the pod is ready', () => isReady('web'))
    runtime.end('a', 1)
    await until('the first restart', () => runtime.calls.includes('start a#1'))
    runtime.end('a', 1)
    const endedMs = clock.nowMs()
    const waiting = () => pod('web')?.status.containerStatuses?.[0]?.state?.waiting?.reason
    await until('the crash loop shows', () => waiting() === 'CrashLoopBackOff')
    await until('the second restart', () => runtime.calls.includes('start a#2'))
    expect(clock.nowMs() - endedMs).toBeGreaterThanOrEqual(10 * second)
    expect(pod('web')?.status.phase).toBe('Running')
  })

  it('goes on after a restart of its own without touching what runs', async () => {
    const { start, run, until, isReady, pod, runtime, clock } = world()
    const first = await start()
    run('web', {
      containers: [testContainer('a', { readinessProbe: { exec: { command: ['ok'] }, periodSeconds: 5 } })],
    })
    await until('the pod is ready', () => isReady('web'))
    await first.stop()
    const before = runtime.calls.filter((call) => !/^(exec|cgroup)/.test(call)).length
    await start()
    await clock.runUntil(clock.nowMs() + 30 * second)
    expect(runtime.calls.filter((call) => !/^(exec|cgroup)/.test(call)).length).toBe(before)
    expect(isReady('web')).toBe(true)
    expect(pod('web')?.status.containerStatuses?.[0]?.restartCount).toBe(0)
  })

  it('leaves what is ready so over a restart of its own', async () => {
    const { start, run, until, isReady, api, clock } = world()
    const first = await start()
    const exec = { command: ['true'] }
    const side = testContainer('side', { restartPolicy: 'Always', startupProbe: { exec } })
    run('web', { initContainers: [side], containers: [testContainer('a', { readinessProbe: { exec } })] })
    await until('the pod is ready', () => isReady('web'))
    await first.stop()
    const seen = api.history(kinds.pods).length
    await start()
    await clock.runUntil(clock.nowMs() + 30 * second)
    const unready = api
      .history(kinds.pods)
      .slice(seen)
      .filter(({ status }) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is !== 'True'))
    expect(unready).toEqual([])
    expect(isReady('web')).toBe(true)
  })

  it('counts on where the instances of before were lost with the machine, and leaves their logs alone', async () => {
    const { start, run, until, isReady, pod, runtime, disk, clock } = world()
    const first = await start()
    run('web')
    await until('the pod is ready', () => isReady('web'))
    const logPath = runtime.specs[0]?.logPath ?? ''
    await first.stop()
    void disk.writeFile(logPath, new Uint8Array())
    for (const { id } of runtime.sandboxes()) void runtime.removeSandbox(id)
    await clock.runUntil(clock.nowMs() + second)
    await start()
    await until('it runs again', () => runtime.calls.includes('start a#1') && isReady('web'))
    expect(pod('web')?.status.containerStatuses?.[0]?.restartCount).toBe(1)
    expect(runtime.specs[1]?.logPath).toBe(logPath.replace('0.log', '1.log'))
  })

  it('removes what belongs to pods that vanished while it was away', async () => {
    const { start, run, until, isReady, api, runtime } = world()
    const first = await start()
    run('web')
    await until('the pod is ready', () => isReady('web'))
    await first.stop()
    api.drop(kinds.pods, 'shop/web')
    await start()
    await until('the sandbox is gone', () => runtime.sandboxes().length === 0)
  })

  it('makes a lost sandbox anew', async () => {
    const { start, run, until, isReady, pod, runtime, events } = world()
    await start()
    const { uid } = run('web').metadata
    await until('the pod is ready', () => isReady('web'))
    runtime.loseSandbox(uid)
    await until('it is made anew', () => runtime.calls.includes(`run ${uid}#1`) && isReady('web'))
    expect(pod('web')?.status.podIP).not.toBe('10.0.0.1')
    expect(events()).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.')
  })

  it('shows why an image cannot be had, and tries again', async () => {
    const { start, run, until, isReady, api, runtime } = world()
    await start()
    runtime.pullFailures.set('img:2', 'no such host')
    run('web', { containers: [testContainer('a', { image: 'img:2' })] })
    const waiting = () =>
      api.history(kinds.pods).flatMap(({ status }) => status.containerStatuses?.[0]?.state?.waiting ?? [])
    const failed = { reason: 'ErrImagePull', message: 'no such host' }
    const held = {
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "img:2": ErrImagePull: no such host',
    }
    await until('the wait shows', () => waiting().some(({ reason }) => reason === held.reason))
    expect(waiting()).toEqual([{ reason: 'ContainerCreating' }, { reason: 'ContainerCreating' }, failed, held])
    runtime.pullFailures.clear()
    await until('the pod is ready', () => isReady('web'))
  })

  it('starts a container as soon as the ConfigMap it wants is there', async () => {
    const { start, run, until, isReady, pod, api, clock } = world()
    await start()
    const ref = { configMapKeyRef: { name: 'settings', key: 'mode' } }
    run('web', { containers: [testContainer('a', { env: [{ name: 'MODE', valueFrom: ref }] })] })
    const waiting = () => pod('web')?.status.containerStatuses?.[0]?.state?.waiting
    await until('the fault shows', () => waiting()?.reason === 'CreateContainerConfigError')
    expect(waiting()?.message).toBe('configmap "settings" not found')
    api.put(kinds.configMaps, { metadata: { name: 'settings', namespace: 'shop' }, data: { mode: 'fast' } })
    const madeMs = clock.nowMs()
    await until('the pod is ready', () => isReady('web'))
    expect(clock.nowMs() - madeMs).toBeLessThan(second)
  })

  it('shows containers a changed ConfigMap', async () => {
    const { start, run, until, isReady, api, disk, runtime } = world()
    await start()
    api.put(kinds.configMaps, { metadata: { name: 'settings', namespace: 'shop' }, data: { mode: 'fast' } })
    run('web', {
      volumes: [{ name: 'cfg', configMap: { name: 'settings' } }],
      containers: [testContainer('a', { volumeMounts: [{ name: 'cfg', mountPath: '/cfg' }] })],
    })
    await until('the pod is ready', () => isReady('web'))
    const path = runtime.specs[0]?.mounts.find(({ containerPath }) => containerPath === '/cfg')?.hostPath ?? ''
    const read = async () => new TextDecoder().decode(await disk.readFile(`${path}/mode`))
    let shown = ''
    void read().then((text) => (shown = text))
    await until('the first value', () => shown === 'fast')
    api.put(kinds.configMaps, { metadata: { name: 'settings', namespace: 'shop' }, data: { mode: 'slow' } })
    await until('the second value', () => {
      void read().then((text) => (shown = text))
      return shown === 'slow'
    })
  })

  it('kills and restarts what fails its liveness probe', async () => {
    const { start, run, until, isReady, runtime, events } = world()
    await start()
    const livenessProbe = { exec: { command: ['alive'] }, periodSeconds: 2, failureThreshold: 2 }
    run('web', { terminationGracePeriodSeconds: 4, containers: [testContainer('a', { livenessProbe })] })
    await until('the pod is ready', () => isReady('web'))
    runtime.script.exitCode = 1
    await until('the restart', () => runtime.calls.includes('start a#1'))
    expect(runtime.calls).toContain('stop a 4')
    expect(events()).toContain('Killing: Container a failed liveness probe, will be restarted')
  })

  it('gives a running pod what it asks for, and says how far it is', async () => {
    const { start, run, until, isReady, pod, runtime, api, events } = world()
    await start()
    const sized = (cpu: string) => [testContainer('a', { resources: { requests: { cpu }, limits: { cpu } } })]
    run('web', { containers: sized('100m') })
    run('other', { containers: sized('1500m') })
    await until('the pods are ready', () => isReady('web') && isReady('other'))
    const resize = (cpu: string, generation: number): void => {
      const known = pod('web')
      if (known === undefined) throw new Error('no pod')
      api.put(kinds.pods, {
        ...known,
        metadata: { ...known.metadata, generation },
        spec: { ...known.spec, containers: sized(cpu) },
      })
    }
    const condition = (type: string) => pod('web')?.status.conditions?.find((one) => one.type === type)
    const resources = () => pod('web')?.status.containerStatuses?.[0]?.resources
    resize('400m', 2)
    await until('it has been resized', () => resources()?.requests?.cpu === '400m')
    await until('that is all', () => condition('PodResizeInProgress') === undefined)
    expect(runtime.calls).toContain('resize a 409 40000 -')
    expect(pod('web')?.status.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      allocatedResources: { cpu: '400m' },
    })
    const summary =
      '{"containers":[{"name":"a","resources":{"limits":{"cpu":"400m"},"requests":{"cpu":"400m"}}}],"generation":2}'
    await until('events are there', () => events().some((text) => text.startsWith('ResizeCompleted')))
    expect(events()).toEqual(
      expect.arrayContaining([
        `ResizeStarted: Pod resize started: ${summary}`,
        `ResizeCompleted: Pod resize completed: ${summary}`,
      ]),
    )
    resize('900m', 3)
    await until('it waits for room', () => condition('PodResizePending') !== undefined)
    expect(condition('PodResizePending')).toMatchObject({
      status: 'True',
      reason: 'Deferred',
      message: "Node didn't have enough resource: cpu, requested: 900, used: 1500, capacity: 2000",
      observedGeneration: 3,
    })
    expect(resources()?.requests?.cpu).toBe('400m')
    api.drop(kinds.pods, 'shop/other')
    await until('it has the room of the pod that left', () => resources()?.requests?.cpu === '900m')
    expect(condition('PodResizePending')).toBeUndefined()
  })

  it('starts an ephemeral container in a running pod, beside the processes of another', async () => {
    const { start, run, until, isReady, pod, runtime, api } = world()
    await start()
    run('web', { shareProcessNamespace: false, hostIPC: true })
    await until('the pod is ready', () => isReady('web'))
    const known = pod('web')
    if (known === undefined) throw new Error('no pod')
    const ephemeralContainers = [
      { ...testContainer('debug'), targetContainerName: 'a' },
      { ...testContainer('lost'), targetContainerName: 'none' },
    ]
    api.put(kinds.pods, { ...known, spec: { ...known.spec, ephemeralContainers } })
    const status = (name: string) =>
      pod('web')?.status.ephemeralContainerStatuses?.find((candidate) => candidate.name === name)
    await until('it runs', () => status('debug')?.state?.running !== undefined)
    await until('the other is told of', () => status('lost')?.state?.waiting?.reason === 'CreateContainerConfigError')
    expect(status('lost')?.state?.waiting?.message).toBe('unable to find target container none')
    const target = runtime.containers().find(({ name }) => name === 'a')?.id
    expect(runtime.specs.map(({ name, targetId }) => [name, targetId])).toEqual([
      ['a', undefined],
      ['debug', target],
    ])
  })

  it('pulls the images that are volumes before it starts who reads them', async () => {
    const { start, run, until, isReady, runtime, events } = world()
    await start()
    run('web', {
      volumes: [{ name: 'data', image: { reference: 'data:1', pullPolicy: 'IfNotPresent' } }],
      containers: [testContainer('a', { volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'sub' }] })],
    })
    await until('the pod is ready', () => isReady('web'))
    expect(runtime.calls.filter((call) => /^(pull|start)/.test(call))).toEqual(['pull data:1', 'start a#0'])
    expect(runtime.specs[0]?.imageMounts).toEqual([{ image: 'data:1', containerPath: '/data', subPath: 'sub' }])
    expect(events()).toContain('Pulling: Pulling image "data:1"')
  })

  it('starts nobody whose volume is an image that is not to be had', async () => {
    const { start, run, until, pod, runtime, events } = world()
    await start()
    runtime.pullFailures.set('data:1', 'no such image')
    run('web', {
      volumes: [{ name: 'data', image: { reference: 'data:1', pullPolicy: 'Always' } }],
      containers: [testContainer('a', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
    })
    const waiting = () => pod('web')?.status.containerStatuses?.[0]?.state?.waiting
    await until('it waits', () => waiting()?.reason === 'ImagePullBackOff')
    expect(waiting()?.message).toBe('Back-off pulling image "data:1": ErrImagePull: no such image')
    await until('that is told', () => events().includes('BackOff: Back-off pulling image "data:1"'))
    expect(runtime.specs).toEqual([])
  })

  it('ends a pod when the node runs out of memory, says so, and takes no more that ask for none', async () => {
    const { start, run, until, isReady, pod, runtime, api, clock, events } = world()
    await start()
    const asking = (memory: string) => [testContainer('a', { resources: { requests: { memory } } })]
    run('greedy', { containers: asking('10Mi') })
    run('modest', { containers: asking('100Mi') })
    await until('the pods are ready', () => isReady('greedy') && isReady('modest'))
    const stats = {
      cpuUsageNs: 0,
      memoryUsageBytes: 0,
      memoryWorkingSetBytes: 50 * 2 ** 20,
      memoryRssBytes: 0,
      pids: 1,
    }
    runtime.script.stats = runtime.containers().map(({ id }) => ({ containerId: id, ...stats, atMs: 0 }))
    const roomy = runtime.script.machine
    runtime.script.machine = { ...roomy, memoryAvailableBytes: 50 * 2 ** 20 }
    await until('one is evicted', () => pod('greedy')?.status.phase === 'Failed')
    runtime.script.machine = roomy
    const message =
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container a was using 50Mi, request is 10Mi, has larger consumption of memory. '
    expect(pod('greedy')?.status).toMatchObject({ reason: 'Evicted', message })
    expect(pod('greedy')?.status.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message,
    })
    expect(events()).toEqual(
      expect.arrayContaining([`Evicted: ${message}`, 'EvictionThresholdMet: Attempting to reclaim memory']),
    )
    expect(runtime.calls).toContain('stop a 2')
    expect(pod('modest')?.status.phase).toBe('Running')
    const condition = () =>
      api.find(kinds.nodes, 'n1')?.status.conditions?.find(({ type }) => type === 'MemoryPressure')
    await until('the node says so', () => condition()?.status === 'True')
    run('late')
    await until('it is refused', () => pod('late')?.status.phase === 'Failed')
    expect(pod('late')?.status).toMatchObject({
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    })
    await clock.runUntil(clock.nowMs() + 330 * second)
    expect(condition()?.status).toBe('False')
  })

  it('runs a runtime class whose handler it has, and tells of one that it has not', async () => {
    const { start, run, until, isReady, api, events } = world()
    await start()
    api.put(kinds.runtimeClasses, { metadata: { name: 'plain' }, handler: 'runc' })
    api.put(kinds.runtimeClasses, { metadata: { name: 'vm' }, handler: 'kata' })
    run('web', { runtimeClassName: 'plain' })
    run('other', { runtimeClassName: 'vm' })
    await until('the one is ready', () => isReady('web'))
    const told =
      'FailedCreatePodSandBox: Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "kata" is configured'
    await until('the other is told of', () => events().includes(told))
    expect(isReady('other')).toBe(false)
  })

  it('refuses a pod that must run under an AppArmor profile', async () => {
    const { start, run, until, pod } = world()
    await start()
    run('web', { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } })
    await until('it is refused', () => pod('web')?.status.phase === 'Failed')
    expect(pod('web')?.status).toMatchObject({
      reason: 'AppArmor',
      message: 'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    })
  })

  it('refuses what does not fit, and says why', async () => {
    const { start, run, until, pod } = world()
    await start()
    run('big', { containers: [testContainer('a', { resources: { requests: { cpu: '3' } } })] })
    await until('it is refused', () => pod('big')?.status.phase === 'Failed')
    expect(pod('big')?.status).toMatchObject({
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
    })
  })

  it('leaves the status of what it once refused as it is', async () => {
    const { start, run, until, pod, clock } = world()
    const first = await start()
    run('big', { containers: [testContainer('a', { resources: { requests: { cpu: '3' } } })] })
    await until('it is refused', () => pod('big')?.status.phase === 'Failed')
    await first.stop()
    const { status } = pod('big') ?? {}
    await start()
    await clock.runUntil(clock.nowMs() + 5 * second)
    expect(pod('big')?.status).toEqual(status)
  })

  it('ends a pod whose time is up', async () => {
    const { start, run, until, pod } = world()
    await start()
    run('web', { activeDeadlineSeconds: 20 })
    await until('it has failed', () => pod('web')?.status.phase === 'Failed')
    expect(pod('web')?.status.reason).toBe('DeadlineExceeded')
  })

  it('finishes a pod that runs to its end, sidecars after the rest', async () => {
    const { start, run, until, pod, runtime } = world()
    await start()
    const side = testContainer('side', { restartPolicy: 'Always' })
    run('job', { restartPolicy: 'Never', initContainers: [side] })
    await until('it runs', () => runtime.calls.includes('start a#0'))
    runtime.end('a', 0)
    await until('it has succeeded', () => pod('job')?.status.phase === 'Succeeded')
    expect(runtime.calls).toContain('stop side 30')
    expect(runtime.containers().every(({ state }) => state === 'exited')).toBe(true)
  })
})
