import type { ContainerStats } from '../pod-runtime.ts'
import type { EngineContext } from './engine-context.ts'

/** Of the containers that run. */
export async function containerStats({
  state,
  cgroups,
  paths,
  clock,
}: EngineContext): Promise<readonly ContainerStats[]> {
  const running = [...state.containers.values()].filter((record) => record.state === 'running')
  const found = await Promise.all(
    running.map(async ({ id, sandboxId }) => {
      const parent = state.sandboxes.get(sandboxId)?.spec.cgroupParent ?? ''
      const stats = await cgroups.stats(paths.cgroup(`${parent}/${id}`))
      if (!stats.ok) return []
      const { cpuUsageNs, memoryWorkingSetBytes, memoryRssBytes, pids } = stats.value
      return [{ containerId: id, cpuUsageNs, memoryWorkingSetBytes, memoryRssBytes, pids, atMs: clock.nowMs() }]
    }),
  )
  return found.flat()
}
