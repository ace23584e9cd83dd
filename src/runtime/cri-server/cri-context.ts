import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Engine } from '../engine/engine.ts'

/** What the methods of the CRI work with. */
export type CriContext = Readonly<{
  engine: Engine
  clock: Clock
  disk: Disk
  settings: CriSettings
}>

export type CriSettings = Readonly<{
  /** The machine's, which a sandbox without one of its own has. */
  hostname: string
  /** cgroup path for sandboxes that name none. */
  cgroupParent: string
  /** The machine's files that sandboxes start from: /etc/resolv.conf, /etc/hosts. */
  hostFiles: Readonly<{ resolvConf: string; hosts: string }>
  /** Where images and writable layers lie. */
  imageDirectory: string
  appArmor: boolean
}>

/** The CRI's times are nanoseconds. */
export function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6)
}
