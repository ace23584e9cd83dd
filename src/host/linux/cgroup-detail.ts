import { readdir, readFile, readlink } from 'node:fs/promises'
import type { BlockDeviceCounters, CgroupDetail, InterfaceCounters } from '../../ports/cgroups.ts'
import type { CgroupLayout } from './cgroup-layout.ts'
import { cgroupNumber, statField } from './cgroup-stats.ts'

/** cpuacct.stat counts in these (USER_HZ). */
const nsPerTick = 10_000_000

export async function cgroupDetail(layout: CgroupLayout, path: string): Promise<CgroupDetail> {
  const file = (controller: string): string =>
    layout.type === 'unified' ? layout.root + path : `${layout.roots[controller] ?? '/nonexistent'}${path}`
  // Fails where there is no such cgroup; all else may be missing.
  const pids = (await readFile(`${file('pids')}/cgroup.procs`, 'utf8')).split('\n').filter((pid) => pid !== '')
  const [figures, threads, mostThreads, handles, interfaces] = await Promise.all([
    layout.type === 'unified' ? unifiedFigures(file('')) : splitFigures(file),
    cgroupNumber(`${file('pids')}/pids.current`),
    cgroupNumber(`${file('pids')}/pids.max`),
    Promise.all(pids.map(openHandles)),
    interfacesSeenBy(pids[0]),
  ])
  const all = handles.flat()
  return {
    ...figures,
    processes: pids.length,
    threads,
    mostThreads: Number.isNaN(mostThreads) ? 0 : mostThreads,
    openFiles: all.length,
    openSockets: all.filter((target) => target.startsWith('socket:')).length,
    interfaces,
  }
}

type Figures = Omit<CgroupDetail, 'processes' | 'threads' | 'mostThreads' | 'openFiles' | 'openSockets' | 'interfaces'>

async function unifiedFigures(folder: string): Promise<Figures> {
  const [cpu, memory, events, io] = await Promise.all(
    ['cpu.stat', 'memory.stat', 'memory.events', 'io.stat'].map((name) => textOf(`${folder}/${name}`)),
  )
  const [memorySwapBytes, memoryMostBytes] = await Promise.all(
    ['memory.swap.current', 'memory.peak'].map((name) => cgroupNumber(`${folder}/${name}`)),
  )
  return {
    cpuUserNs: statField(cpu ?? '', 'user_usec') * 1_000,
    cpuSystemNs: statField(cpu ?? '', 'system_usec') * 1_000,
    ...periodsOf(cpu ?? '', statField(cpu ?? '', 'throttled_usec') * 1_000),
    memoryCacheBytes: statField(memory ?? '', 'file'),
    memoryKernelBytes: statField(memory ?? '', 'kernel'),
    memoryMappedBytes: statField(memory ?? '', 'file_mapped'),
    memorySwapBytes: memorySwapBytes ?? 0,
    memoryMostBytes: memoryMostBytes ?? 0,
    memoryLimitHits: statField(events ?? '', 'max'),
    pageFaults: statField(memory ?? '', 'pgfault'),
    majorPageFaults: statField(memory ?? '', 'pgmajfault'),
    blockDevices: unifiedDevices(io ?? ''),
  }
}

async function splitFigures(file: (controller: string) => string): Promise<Figures> {
  const [accounts, cpu, memory, bytes, counts] = await Promise.all([
    textOf(`${file('cpuacct')}/cpuacct.stat`),
    textOf(`${file('cpu')}/cpu.stat`),
    textOf(`${file('memory')}/memory.stat`),
    textOf(`${file('blkio')}/blkio.throttle.io_service_bytes`),
    textOf(`${file('blkio')}/blkio.throttle.io_serviced`),
  ])
  const [memoryKernelBytes = 0, memoryMostBytes = 0, memoryLimitHits = 0] = await Promise.all(
    ['memory.kmem.usage_in_bytes', 'memory.max_usage_in_bytes', 'memory.failcnt'].map((name) =>
      cgroupNumber(`${file('memory')}/${name}`),
    ),
  )
  return {
    cpuUserNs: statField(accounts, 'user') * nsPerTick,
    cpuSystemNs: statField(accounts, 'system') * nsPerTick,
    ...periodsOf(cpu, statField(cpu, 'throttled_time')),
    memoryCacheBytes: statField(memory, 'total_cache'),
    memoryKernelBytes,
    memoryMappedBytes: statField(memory, 'total_mapped_file'),
    memorySwapBytes: statField(memory, 'total_swap'),
    memoryMostBytes,
    memoryLimitHits,
    pageFaults: statField(memory, 'total_pgfault'),
    majorPageFaults: statField(memory, 'total_pgmajfault'),
    blockDevices: splitDevices(bytes, counts),
  }
}

function periodsOf(text: string, throttledNs: number): Pick<Figures, 'periods' | 'throttledPeriods' | 'throttledNs'> {
  return { periods: statField(text, 'nr_periods'), throttledPeriods: statField(text, 'nr_throttled'), throttledNs }
}

/** '8:0 rbytes=1 wbytes=2 rios=3 wios=4 …' */
function unifiedDevices(text: string): readonly BlockDeviceCounters[] {
  return text.split('\n').flatMap((line) => {
    const [, major, minor, rest = ''] = /^(\d+):(\d+) (.*)$/.exec(line) ?? []
    const number = (name: string): number => Number(new RegExp(`\\b${name}=(\\d+)`).exec(rest)?.[1] ?? 0)
    if (major === undefined) return []
    const counters = { readBytes: number('rbytes'), writtenBytes: number('wbytes') }
    return [{ major: Number(major), minor: Number(minor), ...counters, reads: number('rios'), writes: number('wios') }]
  })
}

/** '8:0 Read 1', '8:0 Write 2' … in both files. */
function splitDevices(bytes: string, counts: string): readonly BlockDeviceCounters[] {
  const devices = [...new Set(bytes.match(/^\d+:\d+(?= )/gm) ?? [])]
  return devices.map((device) => {
    const [major = 0, minor = 0] = device.split(':').map(Number)
    return {
      major,
      minor,
      readBytes: statField(bytes, `${device} Read`),
      writtenBytes: statField(bytes, `${device} Write`),
      reads: statField(counts, `${device} Read`),
      writes: statField(counts, `${device} Write`),
    }
  })
}

/** What a process has open: files by their paths, sockets and pipes by their numbers. */
async function openHandles(pid: string): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  return Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
}

async function interfacesSeenBy(pid: string | undefined): Promise<readonly InterfaceCounters[]> {
  if (pid === undefined) return []
  const rows = (await textOf(`/proc/${pid}/net/dev`)).split('\n').slice(2)
  return rows.flatMap((row) => {
    const [name, counters] = row.split(':')
    if (name === undefined || counters === undefined || name.trim() === 'lo') return []
    const of = counters.trim().split(/\s+/).map(Number)
    const [receivedBytes = 0, receivedPackets = 0, receiveErrors = 0, receiveDrops = 0] = of
    const [sentBytes = 0, sentPackets = 0, sendErrors = 0, sendDrops = 0] = of.slice(8)
    const received = { receivedBytes, receivedPackets, receiveErrors, receiveDrops }
    return [{ name: name.trim(), ...received, sentBytes, sentPackets, sendErrors, sendDrops }]
  })
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
