import type { Container, Probe } from '../../api/kinds.generated.ts'
import type { Timer } from '../../ports/clock.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { ProbeVerdict } from '../pod-actions.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { PodEvents } from '../pod-events.ts'
import { countProbe, noProbes } from './probe-count.ts'
import type { ProbeCounts } from './probe-counts.ts'
import { type ProbeOutcome, runProbe } from './run-probe.ts'

export type ProbeType = 'liveness' | 'readiness' | 'startup'

export type ProbeDeps = Pick<KubeletDeps, 'runtime' | 'http' | 'streams' | 'clock' | 'random'> &
  Readonly<{ events: PodEvents; counts: ProbeCounts }>

export type ProbedInstance = Readonly<{
  pod: KubeletPod
  container: Container
  /** The runtime's id. */
  id: string
  type: ProbeType
  probe: Probe
  podIp: string
  startedAtMs: number
  /** Told whenever the verdict is decided. */
  onVerdict: (verdict: ProbeVerdict) => void
}>

export type ProbeLoop = Readonly<{ id: string; type: ProbeType; stop(): void }>

const resultNames = { success: 'successful', warning: 'successful', failure: 'failed', error: 'unknown' } as const
const names = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const

/** Runs one probe of one container instance at its period, until it is stopped or has nothing more to find out. */
export function startProbeLoop(deps: ProbeDeps, instance: ProbedInstance): ProbeLoop {
  const { id, type, probe, onVerdict } = instance
  const { clock, random } = deps
  const periodMs = (probe.periodSeconds ?? 10) * 1000
  let count = noProbes
  let timer: Timer | undefined
  let stopped = false

  const schedule = (delayMs: number): void => {
    if (!stopped) timer = clock.after(delayMs, () => void probeOnce())
  }
  const probeOnce = async (): Promise<void> => {
    const startedMs = clock.monotonicMs()
    const outcome = await runProbe(deps, probe, instance)
    if (stopped) return
    tell(deps.events, instance, outcome)
    deps.counts.add(instance.pod, instance.container.name, type, resultNames[outcome.result])
    if (settle(outcome)) return
    schedule(Math.max(0, startedMs + periodMs - clock.monotonicMs()))
  }
  /** True when there is nothing more to find out: the container has started, or is to be killed. */
  const settle = ({ result }: ProbeOutcome): boolean => {
    // What could not be asked says nothing.
    if (result === 'error') return false
    const verdict: ProbeVerdict = result === 'failure' ? 'failure' : 'success'
    const counted = countProbe(count, verdict, probe)
    count = counted.count
    if (!counted.decided) return false
    onVerdict(verdict)
    return type === 'startup' || (type === 'liveness' && verdict === 'failure')
  }
  const initialMs = Math.max(0, (probe.initialDelaySeconds ?? 0) * 1000 - (clock.nowMs() - instance.startedAtMs))
  // Liveness is asked at a phase of its own, so that a node's probes do not all come at once.
  schedule(type === 'liveness' ? initialMs + random.below(periodMs) : initialMs)
  return {
    id,
    type,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

function tell(events: PodEvents, { pod, container, type }: ProbedInstance, { result, output }: ProbeOutcome): void {
  const name = names[type]
  const warn = (reason: string, message: string): void =>
    events.container(pod, container.name, 'Warning', reason, message)
  if (result === 'error') warn('Unhealthy', `${name} probe errored and resulted in unknown state: ${output}`)
  if (result === 'failure') warn('Unhealthy', `${name} probe failed: ${output}`)
  if (result === 'warning') warn('ProbeWarning', `${name} probe warning: ${output}`)
}
