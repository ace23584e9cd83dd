import { readFile } from 'node:fs/promises'
import type { CgroupStats } from '../../ports/cgroups.ts'
import type { CgroupLayout } from './cgroup-layout.ts'

export async function cgroupStats(layout: CgroupLayout, path: string): Promise<CgroupStats> {
  return layout.type === 'unified' ? unifiedStats(layout.root + path) : splitStats(layout.roots, path)
}

async function unifiedStats(folder: string): Promise<CgroupStats> {
  const [cpu, current, memory, pids, events] = await Promise.all([
    readFile(`${folder}/cpu.stat`, 'utf8'),
    cgroupNumber(`${folder}/memory.current`),
    readFile(`${folder}/memory.stat`, 'utf8').catch(() => ''),
    cgroupNumber(`${folder}/pids.current`),
    readFile(`${folder}/memory.events`, 'utf8').catch(() => ''),
  ])
  return {
    cpuUsageNs: statField(cpu, 'usage_usec') * 1_000,
    memoryUsageBytes: current,
    memoryWorkingSetBytes: Math.max(0, current - statField(memory, 'inactive_file')),
    memoryRssBytes: statField(memory, 'anon'),
    pids,
    oomKills: statField(events, 'oom_kill'),
  }
}

async function splitStats(roots: Readonly<Record<string, string>>, path: string): Promise<CgroupStats> {
  const file = (controller: string, name: string): string => `${roots[controller] ?? '/nonexistent'}${path}/${name}`
  const [cpuUsageNs, usage, memory, pids, oom] = await Promise.all([
    cgroupNumber(file('cpuacct', 'cpuacct.usage')),
    cgroupNumber(file('memory', 'memory.usage_in_bytes')),
    readFile(file('memory', 'memory.stat'), 'utf8'),
    cgroupNumber(file('pids', 'pids.current')),
    readFile(file('memory', 'memory.oom_control'), 'utf8').catch(() => ''),
  ])
  return {
    cpuUsageNs,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - statField(memory, 'total_inactive_file')),
    memoryRssBytes: statField(memory, 'total_rss'),
    pids,
    oomKills: statField(oom, 'oom_kill'),
  }
}

/** 0 where this kernel has no such file: a controller may be missing. */
export async function cgroupNumber(path: string): Promise<number> {
  return Number.parseInt(await readFile(path, 'utf8').catch(() => '0'), 10)
}

/** The number after a name in files of 'name number' lines. */
export function statField(text: string, name: string): number {
  for (const line of text.split('\n')) if (line.startsWith(`${name} `)) return Number(line.slice(name.length + 1))
  return 0
}
