import { fail, ok, type Result } from '../../api/result.ts'
import { keyLock } from '../../runtime/key-lock.ts'
import type { DeviceManager } from '../devices/device-manager.ts'
import type { KubeletConfig } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { Rejection } from '../pod-parts.ts'
import type { CpuManager } from './cpu-manager.ts'
import { topologyOf } from './cpu-rules.ts'
import { unitsOf } from './cpu-topology.ts'
import { type CpuState, containerHints, giveCpus, podHints } from './exclusive-cpus.ts'
import { anyPlace, type DeviceWishes, type Placement } from './placement.ts'
import { topologyOptions } from './policy-options.ts'
import { mergeHints, type TopologyHint, type TopologyRules } from './topology-hints.ts'

/** Gives pods processors and devices, near to each other where the configuration wants it. As the original's pkg/kubelet/cm/topologymanager. */
export interface TopologyManager {
  /** A pod that has its own keeps it. */
  allocate(pod: KubeletPod): Promise<Result<void, Rejection>>
  release(podUid: string): Promise<void>
}

export type TopologyParts = Readonly<{
  config: KubeletConfig
  devices: DeviceManager
  cpus: CpuManager
  /** Processors are shared by others than before. */
  cpusChanged(): void
}>

const notAligned: Rejection = {
  reason: 'TopologyAffinityError',
  message: 'Resources cannot be allocated with Topology locality',
}

/** Rejects where the machine has more NUMA nodes than there can be sets of. */
export function makeTopologyManager({ config, devices, cpus, cpusChanged }: TopologyParts): TopologyManager {
  const rules = topologyRules(config)
  const perPod = config.configuration.topologyManagerScope === 'pod'
  const locked = keyLock()
  return {
    allocate: (pod) =>
      locked('allocate', async () => {
        const placing = placementOf(cpus, rules, perPod, pod)
        const granted = await devices.allocate(pod, placing.place)
        if (!granted.ok) return granted
        const own = placing.state().exclusive.get(pod.metadata.uid)
        if (own !== undefined) {
          await cpus.give(pod.metadata.uid, own)
          cpusChanged()
        }
        return ok(undefined)
      }),
    async release(podUid) {
      devices.release(podUid)
      if (!cpus.state().exclusive.has(podUid)) return
      await cpus.release(podUid)
      cpusChanged()
    },
  }
}

/** Of one pod: containers one after the other, each on what those before it have left. */
function placementOf(cpus: CpuManager, rules: TopologyRules | undefined, perPod: boolean, pod: KubeletPod) {
  let state: CpuState = cpus.state()
  let ofPod: ReturnType<typeof mergeHints> | undefined
  if (cpus.rules === undefined && rules === undefined) return { place: anyPlace, state: () => state }
  const merged = (known: TopologyRules, container: Parameters<Placement>[0], wishes: DeviceWishes) => {
    if (perPod) {
      ofPod ??= mergeHints(known, [wishes.pod(), cpus.rules ? podHints(cpus.rules, state, pod) : new Map()])
      return ofPod
    }
    const own = cpus.rules ? containerHints(cpus.rules, state, pod, container) : new Map()
    return mergeHints(known, [wishes.container(), own])
  }
  const place: Placement = (container, wishes) => {
    let hint: TopologyHint = { nodes: undefined, preferred: true }
    if (rules !== undefined) {
      const best = merged(rules, container, wishes)
      if (!best.admitted) return fail(notAligned)
      hint = best.hint
    }
    if (cpus.rules !== undefined) {
      const given = giveCpus(cpus.rules, state, pod, container, hint.nodes)
      if (!given.ok) return given
      state = given.value
    }
    return ok(hint.nodes)
  }
  return { place, state: () => state }
}

/** Throws, in the original's words, where the machine does not fit. */
export function topologyRules(config: KubeletConfig): TopologyRules | undefined {
  const { topologyManagerPolicy: policy, topologyManagerPolicyOptions: options } = config.configuration
  if (policy === 'none') return undefined
  const { cpus, distances } = topologyOf(config)
  const nodes = unitsOf(cpus, 'numaNode')
  const parsed = topologyOptions(options)
  if (!parsed.ok) throw new Error(parsed.error)
  const { closest, mostNodes } = parsed.value
  if (nodes.length > mostNodes) throw new Error(`unsupported on machines with more than ${mostNodes} NUMA Nodes`)
  if (!closest) return { policy, nodes }
  if (distances.size === 0) throw new Error('cannot discover NUMA topology: error getting NUMA distances from cadvisor')
  return { policy, nodes, distances }
}
