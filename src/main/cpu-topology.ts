import { readdirSync, readFileSync } from 'node:fs'
import { parseCpuSet } from '../kubelet/topology/cpu-set.ts'
import type { CpuPlace, CpuTopology } from '../kubelet/topology/cpu-topology.ts'

/** What the kernel tells of processors that are online. A machine that tells of no NUMA nodes is one. */
export function readCpuTopology(devices = '/sys/devices/system'): CpuTopology {
  const nodes = readNodes(devices)
  const cpus = cpusOf(`${devices}/cpu/online`).map((cpu): CpuPlace => {
    const folder = `${devices}/cpu/cpu${cpu}/topology`
    const siblings = [...cpusOf(`${folder}/core_cpus_list`), ...cpusOf(`${folder}/thread_siblings_list`)]
    return {
      cpu,
      core: Math.min(cpu, ...siblings),
      socket: Math.max(0, Number.parseInt(readText(`${folder}/physical_package_id`), 10) || 0),
      numaNode: nodes.find((node) => node.cpus.includes(cpu))?.id ?? 0,
    }
  })
  return { cpus, distances: new Map(nodes.map(({ id, distances }) => [id, distances])) }
}

function readNodes(devices: string) {
  return listOrNone(`${devices}/node`)
    .flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((id) => ({
      id,
      cpus: cpusOf(`${devices}/node/node${id}/cpulist`),
      distances: readText(`${devices}/node/node${id}/distance`).split(/\s+/).filter(Boolean).map(Number),
    }))
}

function cpusOf(file: string): readonly number[] {
  const parsed = parseCpuSet(readText(file))
  return parsed.ok ? parsed.value : []
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function listOrNone(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
