import { fail, ok, type Result } from '../../api/result.ts'
import { type CpuSet, cpuSetOf } from './cpu-set.ts'
import { type CpuLevel, type CpuPlace, type CpuTopology, cpusIn, unitsOf } from './cpu-topology.ts'

/**
 * So many of the available processors, close together: whole NUMA nodes and sockets first, then whole cores, then single processors where
 * the least are left. As the original's takeByTopologyNUMAPacked.
 */
export function takeCpus(topology: CpuTopology, available: CpuSet, count: number): Result<CpuSet, string> {
  if (available.length < count)
    return fail(`not enough cpus available to satisfy request: requested=${count}, available=${available.length}`)
  const all = topology.cpus
  let left = all.filter(({ cpu }) => available.includes(cpu))
  const taken: number[] = []
  const take = (cpus: CpuSet): void => {
    if (cpus.length > count - taken.length) return
    taken.push(...cpus)
    left = left.filter(({ cpu }) => !cpus.includes(cpu))
  }
  const takeWhole = (level: CpuLevel): void => {
    for (const unit of inOrder(all, left, level)) {
      const own = cpusIn(all, level, unit)
      if (own.length === cpusIn(left, level, unit).length) take(own)
    }
  }
  for (const level of [...levels(all), 'core'] as const) takeWhole(level)
  for (const core of inOrder(all, left, 'core')) for (const cpu of cpusIn(left, 'core', core)) take([cpu])
  return ok(cpuSetOf(taken))
}

/** The wider first: a node has several sockets, or a socket has several nodes. */
function levels(all: readonly CpuPlace[]): readonly ['numaNode' | 'socket', 'numaNode' | 'socket'] {
  return unitsOf(all, 'socket').length >= unitsOf(all, 'numaNode').length
    ? ['numaNode', 'socket']
    : ['socket', 'numaNode']
}

/** Of those that have any left: within the wider ones, each with the least left first. */
function inOrder(all: readonly CpuPlace[], left: readonly CpuPlace[], level: CpuLevel): readonly number[] {
  const order = [...levels(all), 'core'] as const
  const within = (cpus: readonly CpuPlace[], depth: number): readonly number[] => {
    const at = order[depth] ?? level
    const units = [...unitsOf(cpus, at)].sort(
      (a, b) => cpusIn(left, at, a).length - cpusIn(left, at, b).length || a - b,
    )
    if (at === level) return units
    return units.flatMap((unit) =>
      within(
        cpus.filter((place) => place[at] === unit),
        depth + 1,
      ),
    )
  }
  return within(left, 0)
}
