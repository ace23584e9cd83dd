import type { Cgroups } from '../../ports/cgroups.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Http } from '../../ports/http.ts'
import type { Log } from '../../ports/log.ts'
import type { CriClient } from './cri-client.ts'
import type { CgroupPath } from './cri-sandbox.ts'
import type { CriState } from './cri-state.ts'
import type { RuntimeConfiguration } from './cri-status.ts'

/** What the parts of a CRI runtime share. */
export type CriContext = Readonly<{
  /** Of the cluster whose pods these are. */
  name: string
  client: CriClient
  configuration: RuntimeConfiguration
  state: CriState
  cgroups: Cgroups
  cgroupPath: CgroupPath
  clock: Clock
  disk: Disk
  http: Http
  deflate: Deflate
  log: Log
}>
