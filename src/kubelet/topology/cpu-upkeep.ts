import { durationMs } from '../configuration/kubelet-configuration.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { linuxResources } from '../linux-resources.ts'
import { type LookLoop, startLookLoop } from '../node/look-loop.ts'
import { observePod, runningContainers } from '../observed-pod.ts'
import { containerNamed, type KubeletPod } from '../pod-containers.ts'
import type { CpuManager } from './cpu-manager.ts'

export type CpuUpkeepParts = Pick<KubeletDeps, 'runtime' | 'clock' | 'log' | 'config'> &
  Readonly<{
    cpus: CpuManager
    /** Those that take up the node's resources. */
    activePods(): readonly KubeletPod[]
    isKnown(podUid: string): boolean
  }>

/**
 * Holds containers that run to the processors that are theirs by now, and takes back what vanished pods had. From time to time, too: a
 * container that was being made meanwhile has what was right when it was begun (the original's reconcileState).
 */
export function startCpuUpkeep(parts: CpuUpkeepParts): Promise<LookLoop> {
  const { cpus, clock, config } = parts
  if (cpus.rules === undefined) return Promise.resolve({ look() {}, stop() {} })
  const applied = new Map<string, string>()
  const periodMs = durationMs(config.configuration.cpuManagerReconcilePeriod)
  return startLookLoop(clock, periodMs, async () => {
    for (const uid of cpus.state().exclusive.keys()) if (!parts.isKnown(uid)) await cpus.release(uid)
    const running = parts.activePods().flatMap((pod) => {
      const containers = runningContainers(observePod(parts.runtime, pod.metadata.uid))
      return containers.map(({ id, name }) => ({ pod, id, name }))
    })
    for (const id of applied.keys()) if (!running.some((one) => one.id === id)) applied.delete(id)
    for (const { pod, id, name } of running) await hold(parts, applied, pod, id, name)
  })
}

async function hold(
  { cpus, runtime, config, log }: CpuUpkeepParts,
  applied: Map<string, string>,
  pod: KubeletPod,
  id: string,
  name: string,
): Promise<void> {
  const container = containerNamed(pod, name)
  const settings = cpus.settings(pod.metadata.uid, name)
  const { cpusetCpus = '' } = settings
  if (container === undefined || applied.get(id) === cpusetCpus) return
  const resources = { ...linuxResources(pod, container, config.capacity.memoryBytes), ...settings }
  const updated = await runtime.updateResources(id, resources)
  if (updated.ok) applied.set(id, cpusetCpus)
  else log.warn('a container could not be held to its processors', { container: id, error: updated.error.message })
}
