import { type CpuSet, cpuSetOf } from './cpu-set.ts'

/** Where a processor is. A core's number is that of its lowest processor, and so differs from those of all other cores. */
export type CpuPlace = Readonly<{ cpu: number; core: number; socket: number; numaNode: number }>

export type CpuTopology = Readonly<{
  cpus: readonly CpuPlace[]
  /** How far each NUMA node is from all others, in the order of their numbers, as the firmware tells; empty where it does not. */
  distances: ReadonlyMap<number, readonly number[]>
}>

export type CpuLevel = 'core' | 'socket' | 'numaNode'

export function allCpus({ cpus }: CpuTopology): CpuSet {
  return cpuSetOf(cpus.map(({ cpu }) => cpu))
}

/** Numbers of the cores, sockets or nodes that there are. */
export function unitsOf(cpus: readonly CpuPlace[], level: CpuLevel): readonly number[] {
  return cpuSetOf(cpus.map((place) => place[level]))
}

/** The processors in one of them. */
export function cpusIn(cpus: readonly CpuPlace[], level: CpuLevel, unit: number): CpuSet {
  return cpuSetOf(cpus.filter((place) => place[level] === unit).map(({ cpu }) => cpu))
}

export function cpusPerCore({ cpus }: CpuTopology): number {
  return Math.floor(cpus.length / Math.max(1, unitsOf(cpus, 'core').length))
}

/** A machine that tells nothing of its inside: one core each, all in one place. */
export function plainTopology(count: number): CpuTopology {
  const cpus = Array.from({ length: count }, (_, cpu) => ({ cpu, core: cpu, socket: 0, numaNode: 0 }))
  return { cpus, distances: new Map() }
}
