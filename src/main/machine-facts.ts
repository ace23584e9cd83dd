import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { arch, availableParallelism, release, totalmem } from 'node:os'
import type { CpuTopology } from '../kubelet/topology/cpu-topology.ts'
import { readCpuTopology } from './cpu-topology.ts'

/** What a Node object tells of its machine. */
export type MachineFacts = Readonly<{
  capacity: Readonly<{ cpus: number; memoryBytes: number; ephemeralStorageBytes: number; processes: number }>
  /** Absent: its processors are all alike. */
  topology?: CpuTopology
  appArmor?: boolean
  architecture: 'amd64' | 'arm64'
  osImage: string
  kernelVersion: string
  machineId: string
  bootId: string
  systemUuid: string
}>

export function readMachineFacts(dataDirectory: string): MachineFacts {
  const { blocks, bsize } = statfsSync(dataDirectory)
  const machineId = firstLine('/etc/machine-id')
  return {
    capacity: {
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      ephemeralStorageBytes: blocks * bsize,
      processes: Math.min(...['pid_max', 'threads-max'].map((name) => Number(firstLine(`/proc/sys/kernel/${name}`)))),
    },
    topology: readCpuTopology(),
    appArmor: hasAppArmor(),
    architecture: arch() === 'arm64' ? 'arm64' : 'amd64',
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(readText('/etc/os-release'))?.[1] ?? 'Linux',
    kernelVersion: release(),
    machineId,
    bootId: firstLine('/proc/sys/kernel/random/boot_id'),
    systemUuid: firstLine('/sys/class/dmi/id/product_uuid') || machineId,
  }
}

/** As the original's kubelet finds out. */
export function hasAppArmor(): boolean {
  return (
    existsSync('/sys/kernel/security/apparmor') && firstLine('/sys/module/apparmor/parameters/enabled').startsWith('Y')
  )
}

function firstLine(file: string): string {
  return readText(file).split('\n')[0] ?? ''
}

/** Not every system has, or shows, all of them. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
