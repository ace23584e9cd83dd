import { readFileSync } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import type { HostDevice, HostFacts } from '../../ports/containers.ts'
import type { CgroupLayout } from './cgroup-layout.ts'

/** By number, from 0 (linux/capability.h). */
const capabilityNames = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM ' +
  'BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ')

export function readHostFacts(layout: CgroupLayout, mapsOwners: boolean): HostFacts {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
  const capabilities = capabilityNames.filter((_, at) => (bounding >> BigInt(at)) & 1n).map((name) => `CAP_${name}`)
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const openFiles = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  const own = Number.parseInt(readFileSync('/proc/self/oom_score_adj', 'utf8'), 10)
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    cgroups: layout.type === 'unified' ? 'v2' : 'v1',
    capabilities,
    openFilesLimit: openFiles === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(openFiles ?? 1024),
    lowestOomScoreAdj: capabilities.includes('CAP_SYS_RESOURCE') ? -1000 : own,
    boundsHugePages: controllersOf(layout).includes('hugetlb'),
    mapsOwners,
  }
}

function controllersOf(layout: CgroupLayout): readonly string[] {
  if (layout.type === 'split') return Object.keys(layout.roots)
  return readFileSync(`${layout.root}/cgroup.controllers`, 'utf8').trim().split(' ')
}

/** Device files at or below a path, which may be a link. Terminals and shared memory are each container's own. */
export function hostDevices(path = '/dev'): Promise<readonly HostDevice[]> {
  return devicesAt(path, stat)
}

async function devicesAt(path: string, look: typeof stat): Promise<readonly HostDevice[]> {
  if (['/dev/pts', '/dev/shm', '/dev/fd', '/dev/mqueue', '/dev/console'].includes(path)) return []
  const found = await look(path).catch(() => undefined)
  if (found?.isDirectory() === true) {
    const names = await readdir(path).catch(() => [])
    return (await Promise.all(names.sort().map((name) => devicesAt(`${path}/${name}`, lstat as typeof stat)))).flat()
  }
  if (found === undefined || !(found.isBlockDevice() || found.isCharacterDevice())) return []
  const { uid, gid, rdev } = found
  const type = found.isBlockDevice() ? 'b' : 'c'
  // The kernel's encoding of device numbers in user space (sys/sysmacros.h), below 2^32.
  const major = (rdev >>> 8) & 0xfff
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)
  return [{ path, type, major, minor, fileMode: found.mode & 0o7777, uid, gid }]
}
