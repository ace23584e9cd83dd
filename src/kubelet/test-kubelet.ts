import type { PodSpec } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { startInformer } from '../client/start-informer.ts'
import type { Clock } from '../ports/clock.ts'
import { defaultConfiguration, type KubeletConfiguration } from './configuration/kubelet-configuration.ts'
import { type Kubelet, startKubelet } from './kubelet.ts'
import type { KubeletConfig, KubeletDeps } from './kubelet-config.ts'
import { scriptedApi } from './scripted-api.ts'
import { scriptedRuntime } from './scripted-runtime.ts'
import { testContainer } from './test-pod.ts'

const second = 1000

/** The simulated machine: only tests may choose it. */
export type TestMachine = Omit<KubeletDeps, 'client' | 'runtime' | 'config' | 'clock' | 'networkUsage'> &
  Readonly<{
    clock: Clock & Readonly<{ runUntilTrue(condition: () => boolean, untilMs: number): Promise<boolean> }>
  }>

const nodeConfig: Omit<KubeletConfig, 'configuration'> = {
  nodeName: 'n1',
  addresses: [{ type: 'InternalIP', address: '192.168.0.1' }],
  capacity: { cpus: 2, memoryBytes: 4 * 2 ** 30, ephemeralStorageBytes: 2 ** 40, pods: 3, processes: 32_768 },
  rootDirectory: '/var/lib/kubelet',
  clusterDnsIp: '10.96.0.10',
  clusterDomain: 'cluster.local',
  architecture: 'amd64',
  osImage: 'Sim',
  kernelVersion: '6',
  machineId: 'm',
  bootId: 'b',
  systemUuid: 's',
}

/** A kubelet over a scripted API and a scripted runtime, in the virtual time of the machine that a test gives it. */
export function kubeletWorld(
  machine: TestMachine,
  running: Kubelet[],
  configuration: Partial<KubeletConfiguration> = {},
  node: Partial<KubeletConfig> = {},
) {
  const { clock, disk } = machine
  const api = scriptedApi()
  const runtime = scriptedRuntime(clock)
  const deps: KubeletDeps = {
    client: api,
    runtime,
    ...machine,
    networkUsage: async () => new Map(),
    config: { ...nodeConfig, ...node, configuration: { ...defaultConfiguration, ...configuration } },
  }
  const until = async (what: string, condition: () => boolean): Promise<void> => {
    if (await clock.runUntilTrue(condition, clock.nowMs() + 600 * second)) return
    throw new Error(`never: ${what}; ${JSON.stringify(api.all(kinds.pods).map(({ status }) => status))}`)
  }
  const start = async (): Promise<Kubelet> => {
    let kubelet: Kubelet | undefined
    void startKubelet(deps, startInformer({ ...deps, kind: kinds.services })).then((started) => {
      kubelet = started
      running.push(started)
    })
    await until('the kubelet starts', () => kubelet !== undefined)
    if (kubelet === undefined) throw new Error('no kubelet')
    return kubelet
  }
  let pods = 0
  const run = (name: string, spec: Partial<PodSpec> = {}) =>
    api.put(kinds.pods, {
      metadata: { name, namespace: 'shop', uid: `uid-${name}-${pods++}` },
      spec: {
        nodeName: 'n1',
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        containers: [testContainer('a')],
        ...spec,
      },
      status: { phase: 'Pending' },
    })
  const pod = (name: string) => api.find(kinds.pods, `shop/${name}`)
  const isReady = (name: string): boolean =>
    pod(name)?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  const remove = (name: string, graceSeconds: number): void => {
    const known = pod(name)
    if (known === undefined) return
    const deletionTimestamp = new Date(clock.nowMs()).toISOString()
    api.put(kinds.pods, {
      ...known,
      metadata: { ...known.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
    })
  }
  const events = () => api.all(kinds.events).map(({ reason, message }) => `${reason}: ${message}`)
  return { ...deps, clock, disk, api, runtime, deps, until, start, run, pod, isReady, remove, events }
}
