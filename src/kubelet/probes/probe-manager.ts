import type { Container, PodStatus, Probe } from '../../api/kinds.generated.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import type { Timer } from '../../ports/clock.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { ProbeResults, ProbeVerdict } from '../pod-actions.ts'
import { type KubeletPod, probedContainers } from '../pod-containers.ts'
import type { PodEvents } from '../pod-events.ts'
import { countProbe, noProbes, type ProbeCount } from './probe-count.ts'
import { runProbe } from './run-probe.ts'

export type ProbeType = 'liveness' | 'readiness' | 'startup'

/** Probes the containers of this node, each instance from its start to its end. */
export interface ProbeManager {
  /** Verdicts by container id, as they are now. */
  readonly results: ProbeResults
  /** Probes what runs by the status and is not being probed, and stops what has ended. */
  update(pod: KubeletPod, status: PodStatus): void
  /** The pod is ending: only its readiness is of interest. */
  quiet(uid: string): void
  forget(uid: string): void
  stop(): void
}

type Deps = Pick<KubeletDeps, 'runtime' | 'http' | 'streams' | 'clock' | 'random'> &
  Readonly<{ events: PodEvents; changed: (uid: string) => void }>

type Running = {
  readonly pod: KubeletPod
  readonly container: Container
  readonly id: string
  readonly type: ProbeType
  readonly probe: Probe
  readonly podIp: string
  count: ProbeCount
  timer: Timer | undefined
  stopped: boolean
}

const names = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const

export function makeProbeManager(deps: Deps): ProbeManager {
  const results = {
    liveness: new Map<string, ProbeVerdict>(),
    readiness: new Map<string, ProbeVerdict>(),
    startup: new Map<string, ProbeVerdict>(),
  }
  /** By pod uid, then container id and type. */
  const running = new Map<string, Map<string, Running>>()

  const end = (probe: Running): void => {
    probe.stopped = true
    probe.timer?.cancel()
  }
  const settle = (probe: Running, verdict: ProbeVerdict): void => {
    if (results[probe.type].get(probe.id) === verdict) return
    results[probe.type].set(probe.id, verdict)
    deps.changed(probe.pod.metadata.uid)
  }
  const probeOnce = async (probe: Running): Promise<void> => {
    const startedMs = deps.clock.monotonicMs()
    const outcome = await runProbe(deps, probe.probe, probe)
    if (probe.stopped) return
    const { result, output } = outcome
    tell(deps.events, probe, result, output)
    if (result !== 'error') {
      const verdict: ProbeVerdict = result === 'failure' ? 'failure' : 'success'
      const { count, decided } = countProbe(probe.count, verdict, probe.probe)
      probe.count = count
      if (decided) settle(probe, verdict)
      // A container that is to be killed, or has started, is left alone by this probe from now on.
      if (decided && (probe.type === 'startup' || (probe.type === 'liveness' && verdict === 'failure'))) return
    }
    const periodMs = (probe.probe.periodSeconds ?? 10) * 1000
    schedule(probe, Math.max(0, startedMs + periodMs - deps.clock.monotonicMs()))
  }
  const schedule = (probe: Running, delayMs: number): void => {
    if (probe.stopped) return
    probe.timer = deps.clock.after(delayMs, () => void probeOnce(probe))
  }
  const begin = (
    pod: KubeletPod,
    status: PodStatus,
    container: Container,
    id: string,
    type: ProbeType,
    startedAtMs: number,
  ) => {
    const probe = probeOf(container, type)
    const own = running.get(pod.metadata.uid) ?? new Map<string, Running>()
    running.set(pod.metadata.uid, own)
    const key = `${id} ${type}`
    if (probe === undefined || own.has(key)) return
    const entry: Running = {
      pod,
      container,
      id,
      type,
      probe,
      podIp: status.podIP ?? '',
      count: noProbes,
      timer: undefined,
      stopped: false,
    }
    own.set(key, entry)
    const sinceStartMs = deps.clock.nowMs() - startedAtMs
    const delayMs = Math.max(0, (probe.initialDelaySeconds ?? 0) * 1000 - sinceStartMs)
    // Liveness is asked at a phase of its own, so that a node's probes do not all come at once.
    const periodMs = (probe.periodSeconds ?? 10) * 1000
    schedule(entry, type === 'liveness' ? delayMs + deps.random.below(periodMs) : delayMs)
  }
  const drop = (uid: string, keep: (probe: Running) => boolean): void => {
    const own = running.get(uid)
    for (const [key, probe] of own ?? []) {
      if (keep(probe)) continue
      end(probe)
      own?.delete(key)
      for (const verdicts of Object.values(results)) verdicts.delete(probe.id)
    }
    if (own?.size === 0) running.delete(uid)
  }
  return {
    results,
    update(pod, status) {
      const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
      const alive = new Set<string>()
      for (const container of probedContainers(pod)) {
        const known = all.find(({ name }) => name === container.name)
        const id = known?.containerID?.replace('coracle://', '')
        if (known?.state?.running === undefined || id === undefined) continue
        alive.add(id)
        const startedAtMs = msOfTimestamp(known.state.running.startedAt) ?? deps.clock.nowMs()
        const first = seeded(results, pod, container, id)
        const types: readonly ProbeType[] = known.started || first ? ['readiness', 'liveness'] : ['startup']
        for (const type of types) begin(pod, status, container, id, type, startedAtMs)
      }
      drop(pod.metadata.uid, ({ id }) => alive.has(id))
    },
    quiet(uid) {
      for (const probe of running.get(uid)?.values() ?? []) if (probe.type !== 'readiness') end(probe)
    },
    forget: (uid) => drop(uid, () => false),
    stop() {
      for (const own of running.values()) for (const probe of own.values()) end(probe)
      running.clear()
    },
  }
}

/** After a restart of the kubelet, a container stays as ready and started as the API server knows it, until a probe says otherwise. */
function seeded(
  results: Readonly<{ readiness: Map<string, ProbeVerdict>; startup: Map<string, ProbeVerdict> }>,
  pod: KubeletPod,
  container: Container,
  id: string,
): boolean {
  const known = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find(
    ({ name, containerID }) => name === container.name && containerID === `coracle://${id}`,
  )
  const { startupProbe, readinessProbe } = container
  if (known?.started && startupProbe !== undefined && !results.startup.has(id)) results.startup.set(id, 'success')
  if (known?.ready && readinessProbe !== undefined && !results.readiness.has(id)) results.readiness.set(id, 'success')
  return known?.started ?? false
}

function probeOf(container: Container, type: ProbeType): Probe | undefined {
  if (type === 'liveness') return container.livenessProbe
  return type === 'readiness' ? container.readinessProbe : container.startupProbe
}

function tell(events: PodEvents, { pod, container, type }: Running, result: string, output: string): void {
  const name = names[type]
  const warn = (reason: string, message: string): void =>
    events.container(pod, container.name, 'Warning', reason, message)
  if (result === 'error') warn('Unhealthy', `${name} probe errored and resulted in unknown state: ${output}`)
  if (result === 'failure') warn('Unhealthy', `${name} probe failed: ${output}`)
  if (result === 'warning') warn('ProbeWarning', `${name} probe warning: ${output}`)
}
