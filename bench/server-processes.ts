import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Processor time that the processes of a server have used so far, in milliseconds. */
export type ServerCpu = () => number

/** As /proc counts: sysconf(_SC_CLK_TCK) is 100 on every Linux that Node.js runs on. */
const msPerTick = 10

/** Of whoever listens on the port of this machine, and of the etcd that it names on its command line. */
export function serverCpu(port: number): ServerCpu {
  const servers = listenersOn(port)
  if (servers.length === 0) throw new Error(`no process of this machine listens on port ${port}`)
  const pids = new Set([...servers, ...servers.flatMap(etcdPorts).flatMap(listenersOn)])
  return () => [...pids].reduce((sum, pid) => sum + cpuMs(pid), 0)
}

/** Fields 14 and 15 of /proc/PID/stat, user and system time; the name before them may hold blanks. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * msPerTick
}

function etcdPorts(pid: number): readonly number[] {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  const servers = /--etcd-servers[= ](\S+)/.exec(command)?.[1] ?? ''
  return [...servers.matchAll(/:(\d+)/g)].map((match) => Number(match[1]))
}

const listening = '0A'

function listenersOn(port: number): readonly number[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6']
      .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local?.endsWith(`:${hexPort}`) && state === listening)
      .map((fields) => `socket:[${fields[9]}]`),
  )
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => openFiles(pid).some((target) => inodes.has(target)))
}

/** Nothing of processes that are gone by now, or somebody else's; a file that is closed meanwhile is one less. */
function openFiles(pid: number): readonly string[] {
  const orNothing = <T>(read: () => readonly T[]): readonly T[] => {
    try {
      return read()
    } catch {
      return []
    }
  }
  const folder = `/proc/${pid}/fd`
  return orNothing(() => readdirSync(folder)).flatMap((fd) => orNothing(() => [readlinkSync(`${folder}/${fd}`)]))
}
