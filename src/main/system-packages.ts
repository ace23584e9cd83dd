import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

export type Program = Readonly<{ anyOf: readonly string[]; debianPackage: string; purpose: string }>

/** What our own engine drives. */
const enginePrograms: readonly Program[] = [
  { anyOf: ['crun', 'runc'], debianPackage: 'crun', purpose: 'runs containers' },
  { anyOf: ['conmon'], debianPackage: 'conmon', purpose: 'holds the output and exit codes of containers' },
]

/** What another runtime does not bring itself. */
const runtimePrograms: readonly Program[] = [
  { anyOf: ['loopback'], debianPackage: 'containernetworking-plugins', purpose: "pods' own 127.0.0.1" },
]

/** What a node drives. */
const nodePrograms: readonly Program[] = [
  { anyOf: ['nft'], debianPackage: 'nftables', purpose: 'Services' },
  { anyOf: ['ip'], debianPackage: 'iproute2', purpose: 'pod networks' },
  { anyOf: ['socat'], debianPackage: 'socat', purpose: 'attach and port-forward' },
  { anyOf: ['nsenter'], debianPackage: 'util-linux', purpose: 'network namespaces' },
]

/** Of a node with this container runtime; '' is our own engine. */
export function neededPrograms(runtime: string): readonly Program[] {
  return [...(runtime === '' ? enginePrograms : runtimePrograms), ...nodePrograms]
}

const searchPath = [
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  // Where container runtimes look for network plugins.
  ...['/usr/lib/cni', '/opt/cni/bin'],
]

export function findProgram(name: string): string | undefined {
  return searchPath.map((folder) => path.join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Debian packages of the programs that this machine lacks. */
export function missingPackages(programs: readonly Program[]): readonly string[] {
  return programs
    .filter(({ anyOf }) => !anyOf.some((name) => findProgram(name) !== undefined))
    .map(({ debianPackage }) => debianPackage)
}

/**
 * Sees to it that the programs are there: installs them with apt-get when this is root on a Debian-like system. Throws with the command to
 * type where it cannot.
 */
export function ensurePackages(programs: readonly Program[], say: (line: string) => void): void {
  const missing = missingPackages(programs)
  if (missing.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  const aptGet = findProgram('apt-get')
  if (aptGet === undefined)
    throw new Error(
      `needed programs are missing and this system has no apt-get: install what Debian calls ${missing.join(', ')}`,
    )
  if (process.getuid?.() !== 0) throw new Error(`needed programs are missing; type: sudo ${command}`)
  say(`Installing ${missing.join(', ')} with apt-get`)
  const install = (): boolean => run(aptGet, command.split(' ').slice(1))
  if (install()) return
  // A machine that never fetched the package lists cannot find anything in them.
  run(aptGet, ['update'])
  if (!install()) throw new Error(`apt-get failed; type: apt-get update && ${command}`)
}

function run(program: string, args: readonly string[]): boolean {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status === 0
}
