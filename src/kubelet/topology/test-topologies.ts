import type { CpuTopology } from './cpu-topology.ts'

/** One socket of four cores, two threads each: 0 and 4 are of one core. */
export const oneSocket: CpuTopology = machine(8, (cpu) => ({ core: cpu % 4, socket: 0, numaNode: 0 }))

/** Two sockets, each a node of three cores with two threads: even numbers are in the first. */
export const twoSockets: CpuTopology = machine(12, (cpu) => ({
  core: cpu % 6,
  socket: cpu % 2,
  numaNode: cpu % 2,
}))

/** Two sockets of two nodes each, ten cores a node, two threads a core. */
export const fourNodes: CpuTopology = machine(80, (cpu) => {
  const core = cpu % 40
  return { core, socket: Math.floor(core / 20), numaNode: Math.floor(core / 10) }
})

function machine(
  count: number,
  place: (cpu: number) => Readonly<{ core: number; socket: number; numaNode: number }>,
): CpuTopology {
  const cpus = Array.from({ length: count }, (_, cpu) => ({ cpu, ...place(cpu) }))
  return { cpus, distances: new Map() }
}
