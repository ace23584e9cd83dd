import type { CgroupDetail, CgroupStats } from '../../ports/cgroups.ts'
import type { DiskUsage } from '../../ports/disk.ts'
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
      const { oomKills: _, ...usage } = stats.value
      return [{ containerId: id, ...usage, atMs: clock.nowMs() }]
    }),
  )
  return found.flat()
}

export async function writableLayer({ state, disk, paths }: EngineContext, id: string): Promise<DiskUsage | undefined> {
  return state.containers.has(id) ? disk.usage(`${paths.writable(id)}/upper`) : undefined
}

export type UsageDetail = CgroupStats & CgroupDetail

export async function usageDetail(
  { state, cgroups, paths }: EngineContext,
  id: string,
): Promise<UsageDetail | undefined> {
  const record = state.containers.get(id)
  const sandbox = state.sandboxes.get(record?.sandboxId ?? '')
  if (record?.state !== 'running' || sandbox === undefined) return undefined
  const path = paths.cgroup(`${sandbox.spec.cgroupParent}/${id}`)
  const [stats, detail] = await Promise.all([cgroups.stats(path), cgroups.detail(path)])
  return stats.ok && detail.ok ? { ...stats.value, ...detail.value } : undefined
}
