import type { Container, PodStatus, Probe } from '../../api/kinds.generated.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { idOf } from '../container-statuses.ts'
import type { ProbeResults, ProbeVerdict } from '../pod-actions.ts'
import { type KubeletPod, probedContainers } from '../pod-containers.ts'
import { type ProbeDeps, type ProbeLoop, type ProbeType, startProbeLoop } from './probe-loop.ts'

/** Probes the containers of this node, each instance from its start to its end. */
export interface ProbeManager {
  /** Verdicts by container id, as they are now. */
  readonly results: ProbeResults
  /**
   * Before a pod's first status: after a restart of the kubelet a container stays as ready and started as the API server knows it, until
   * a probe says otherwise. Without this every pod would be out of its Services for a moment.
   */
  recall(pod: KubeletPod, runningIds: readonly string[]): void
  /** Probes what runs by the status and is not being probed, and stops what has ended. */
  update(pod: KubeletPod, status: PodStatus): void
  /** The pod is ending: only its readiness is of interest. */
  quiet(uid: string): void
  forget(uid: string): void
  stop(): void
}

type Verdicts = Record<ProbeType, Map<string, ProbeVerdict>>

export function makeProbeManager(deps: ProbeDeps & Readonly<{ changed: (uid: string) => void }>): ProbeManager {
  const results: Verdicts = { liveness: new Map(), readiness: new Map(), startup: new Map() }
  /** By pod uid, then container id and type. */
  const loops = new Map<string, Map<string, ProbeLoop>>()
  const recalled = new Set<string>()

  const begin = (pod: KubeletPod, status: PodStatus, target: ProbeTarget): void => {
    const { uid } = pod.metadata
    const own = loops.get(uid) ?? new Map<string, ProbeLoop>()
    for (const type of typesOf(target, results)) {
      const key = `${target.id} ${type}`
      const probe = probeOf(target.container, type)
      if (probe === undefined || own.has(key)) continue
      const { container, id, startedAtMs } = target
      const podIp = status.podIP ?? ''
      const onVerdict = (verdict: ProbeVerdict): void => {
        if (results[type].get(id) === verdict) return
        results[type].set(id, verdict)
        deps.changed(uid)
      }
      own.set(key, startProbeLoop(deps, { pod, container, id, type, probe, podIp, startedAtMs, onVerdict }))
      loops.set(uid, own)
    }
  }
  const drop = (uid: string, keep: (loop: ProbeLoop) => boolean): void => {
    const own = loops.get(uid)
    for (const [key, loop] of own ?? []) {
      if (keep(loop)) continue
      loop.stop()
      own?.delete(key)
      for (const verdicts of Object.values(results)) verdicts.delete(loop.id)
    }
    if (own?.size === 0) loops.delete(uid)
  }
  return {
    results,
    recall(pod, runningIds) {
      if (recalled.has(pod.metadata.uid)) return
      recalled.add(pod.metadata.uid)
      for (const id of runningIds) recallVerdicts(results, pod, id)
    },
    update(pod, status) {
      const targets = runningTargets(pod, status, deps.clock.nowMs())
      for (const target of targets) begin(pod, status, target)
      drop(pod.metadata.uid, ({ id }) => targets.some((target) => target.id === id))
    },
    quiet(uid) {
      for (const loop of loops.get(uid)?.values() ?? []) if (loop.type !== 'readiness') loop.stop()
    },
    forget(uid) {
      drop(uid, () => false)
      deps.counts.forget(uid)
      recalled.delete(uid)
    },
    stop() {
      for (const own of loops.values()) for (const loop of own.values()) loop.stop()
      loops.clear()
    },
  }
}

type ProbeTarget = Readonly<{ container: Container; id: string; started: boolean; startedAtMs: number }>

function runningTargets(pod: KubeletPod, status: PodStatus, nowMs: number): readonly ProbeTarget[] {
  const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  return probedContainers(pod).flatMap((container) => {
    const known = all.find(({ name }) => name === container.name)
    if (known?.state?.running === undefined) return []
    const id = idOf(known.containerID)
    const startedAtMs = msOfTimestamp(known.state.running.startedAt) ?? nowMs
    return [{ container, id, started: known.started ?? false, startedAtMs }]
  })
}

/** The other probes begin when the startup probe has succeeded. */
function typesOf({ id, started }: ProbeTarget, results: Verdicts): readonly ProbeType[] {
  return started || results.startup.get(id) === 'success' ? ['readiness', 'liveness'] : ['startup']
}

function recallVerdicts(results: Verdicts, pod: KubeletPod, id: string): void {
  const known = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find(
    ({ containerID }) => idOf(containerID) === id,
  )
  const container = probedContainers(pod).find(({ name }) => name === known?.name)
  if (known?.started && container?.startupProbe !== undefined) results.startup.set(id, 'success')
  if (known?.ready && container?.readinessProbe !== undefined) results.readiness.set(id, 'success')
}

function probeOf(container: Container, type: ProbeType): Probe | undefined {
  if (type === 'liveness') return container.livenessProbe
  return type === 'readiness' ? container.readinessProbe : container.startupProbe
}
