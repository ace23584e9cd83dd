import { ok } from '../api/result.ts'
import type { Cgroups } from '../ports/cgroups.ts'
import type { Clock } from '../ports/clock.ts'
import type { PodRuntime } from './pod-runtime.ts'
import { failed } from './runtime-failure.ts'

export type PodCgroups = Pick<PodRuntime, 'limitCgroup' | 'cgroupUsage' | 'machineUsage'> &
  Readonly<{
    /** Below which everything of one cluster lives. */
    root: string
    /** Of a cgroup as kubelets name it: 'kubepods/burstable/podUID'. */
    path(name: string): string
  }>

/** The cgroups above those of containers, which a kubelet looks after itself, whatever its runtime. */
export function podCgroups(
  { cgroups, clock }: Readonly<{ cgroups: Cgroups; clock: Clock }>,
  cluster: string,
  /** 'host': names are paths of the machine, whoever they belong to. */
  names?: 'host',
): PodCgroups {
  const root = `/coracle-${cluster}`
  const path = (name: string): string => `${names === 'host' ? '' : root}/${name.replace(/^\/+|\/+$/g, '')}`
  return {
    root,
    path,
    async limitCgroup(name, resources) {
      const limited = await cgroups.ensure(path(name), resources)
      return limited.ok ? ok(undefined) : failed(limited.error.message)
    },
    async cgroupUsage(name) {
      const stats = await cgroups.stats(path(name))
      if (!stats.ok) return undefined
      const { oomKills: _, ...usage } = stats.value
      return { ...usage, atMs: clock.nowMs() }
    },
    async machineUsage() {
      const usage = await cgroups.machine()
      return usage.ok ? { ...usage.value, atMs: clock.nowMs() } : undefined
    },
  }
}
