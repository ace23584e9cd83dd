import { readFile } from 'node:fs/promises'
import type { MachineUsage } from '../../ports/cgroups.ts'

/** USER_HZ, in which /proc/stat counts on every Linux that we know. */
const nanosecondsPerTick = 1e9 / 100

export async function machineUsage(): Promise<MachineUsage> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8')
  const [stat, meminfo, loadavg, ...limits] = await Promise.all(
    ['/proc/stat', '/proc/meminfo', '/proc/loadavg', '/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map(
      read,
    ),
  )
  return {
    cpuUsageNs: busyTicks(stat ?? '') * nanosecondsPerTick,
    memoryTotalBytes: kibibytes(meminfo ?? '', 'MemTotal') * 1024,
    memoryAvailableBytes: kibibytes(meminfo ?? '', 'MemAvailable') * 1024,
    // '0.20 0.18 0.12 1/80 11206': the fourth is those that run and all there are.
    processes: Number(/\/(\d+)/.exec(loadavg ?? '')?.[1] ?? 0),
    mostProcesses: Math.min(...limits.map(Number)),
  }
}

/** user nice system idle iowait irq softirq steal …: all but idle and iowait. Guests are in user. */
function busyTicks(stat: string): number {
  const [, ...ticks] = (stat.split('\n')[0] ?? '').split(/\s+/)
  return ticks.slice(0, 8).reduce((sum, text, at) => (at === 3 || at === 4 ? sum : sum + Number(text)), 0)
}

function kibibytes(meminfo: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0)
}
