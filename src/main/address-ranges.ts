import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { type Cidr, cidrContains, parseCidr } from '../network/address.ts'
import { type Instance, instanceNamed, readSettings, type Settings } from './instance.ts'
import { podCidrs } from './network-addresses.ts'
import { bridgeNameOf } from './node-config.ts'
import { findProgram } from './system-packages.ts'

type Taken = Readonly<{ cidr: string; by: string }>

/** Throws with the mend when the ranges of a new cluster overlap each other or what this machine uses already. */
export function checkRanges(instance: Instance, settings: Settings): void {
  const { podCidr, serviceCidr, simulatedNodes } = settings
  const pods = podCidrs(settings)
  if (pods.some((cidr) => overlap(cidr, serviceCidr)))
    throw new Error(
      `--pod-cidr ${podCidr}${pods.length > 1 ? ` (to ${pods.at(-1)})` : ''} and --service-cidr ${serviceCidr} overlap: choose ranges apart from each other`,
    )
  // Simulated addresses are in no route and no rule of this machine.
  if (simulatedNodes > 0) return
  const taken = [...neighbours(instance), ...routes(bridgeNameOf(instance.name))]
  const wanted = [...pods.map((cidr) => ['--pod-cidr', cidr] as const), ['--service-cidr', serviceCidr] as const]
  for (const [option, cidr] of wanted) checkFree(taken, option, cidr)
}

/** The same for an engine without a cluster. */
export function checkPodRange(name: string, podCidr: string): void {
  checkFree([...neighbours(instanceNamed(name)), ...routes(bridgeNameOf(name))], '--pod-cidr', podCidr)
}

function checkFree(taken: readonly Taken[], option: string, cidr: string): void {
  const other = taken.find((candidate) => overlap(candidate.cidr, cidr))
  if (other !== undefined)
    throw new Error(`${cidr} overlaps ${other.cidr} of ${other.by}: choose another range with ${option}`)
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)]
  return a !== undefined && b !== undefined && holds(a, b)
}

function holds(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b.base) || cidrContains(b, a.base)
}

/** Ranges of the clusters on this machine that are up, or went down without taking down their network. */
function neighbours({ name, dataDirectory, runDirectory }: Instance): readonly Taken[] {
  const [folder, running] = [path.dirname(dataDirectory), path.dirname(runDirectory)]
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter((other) => other !== name && existsSync(path.join(running, other)))
    .flatMap((other) => {
      const settings = settingsOf(other)
      if (settings === undefined || settings.simulatedNodes > 0) return []
      const by = `cluster "${other}"`
      return [...podCidrs(settings), settings.serviceCidr].map((cidr) => ({ cidr, by }))
    })
}

/** Of a neighbour's damaged settings the neighbour is told, when it is started. */
function settingsOf(name: string): Settings | undefined {
  try {
    return readSettings(instanceNamed(name))
  } catch {
    return undefined
  }
}

/** Where this machine sends packets already. None where that cannot be asked. */
function routes(ownBridge: string): readonly Taken[] {
  const ip = findProgram('ip')
  if (ip === undefined) return []
  const { status, stdout } = spawnSync(ip, ['-4', '-j', 'route'], { encoding: 'utf8' })
  if (status !== 0) return []
  const rows = JSON.parse(stdout === '' ? '[]' : stdout) as readonly Readonly<{ dst: string; dev?: string }>[]
  return rows
    .filter(({ dst, dev }) => dst !== 'default' && dev !== ownBridge)
    .map(({ dst, dev = 'no link' }) => ({
      cidr: dst.includes('/') ? dst : `${dst}/32`,
      by: `a route of this machine (${dev})`,
    }))
}
