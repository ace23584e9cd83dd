import { type SimDisk, simDisk } from '../host/sim/disk.ts'
import { brokenOff, noHttpFaults, simHttp } from '../host/sim/http.ts'
import { simKeys } from '../host/sim/keys.ts'
import { type SimProcess, simProcess } from '../host/sim/process.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { openPki } from './pki.ts'
import { simServiceCidr } from './sim-machine.ts'

/** The control plane of a simulated cluster, on a machine of its own. */
export interface SimControlPlane {
  /** Reaches it, whichever process it is: refused while there is none. */
  readonly handler: HttpHandler
  start(): Promise<ControlPlane>
  /** Kills the process; with power, the disk also loses what was not synced. */
  crash(kind: 'kill' | 'power'): void
}

export type SimControlPlaneParts = Readonly<{
  clock: Clock
  random: Random
  log: Log
  kubelet: (nodeName: string) => HttpHandler | undefined
  onError: (error: unknown) => void
}>

export function makeSimControlPlane(parts: SimControlPlaneParts): SimControlPlane {
  const disk = simDisk(parts)
  let process: SimProcess | undefined
  let served: HttpHandler | undefined
  return {
    handler: async (request) => (served === undefined ? brokenOff('connect: connection refused') : served(request)),
    async start() {
      const own = simProcess()
      process = own
      const controlPlane = await run(parts, disk, own)
      served = own.serve(controlPlane.handler)
      return controlPlane
    },
    crash(kind) {
      served = undefined
      process?.kill()
      disk.crash(kind)
    },
  }
}

async function run(
  { clock: time, random, log, kubelet, onError }: SimControlPlaneParts,
  shared: SimDisk,
  process: SimProcess,
): Promise<ControlPlane> {
  const clock = process.clock(time)
  const [disk, keys] = [process.port(shared), simKeys(random)]
  const http = simHttp({ clock, random, faults: noHttpFaults })
  const pki = await openPki(disk, keys, '/data/pki', {
    server: { dnsNames: [], ipAddresses: [] },
    nodeName: 'none',
    nodeAddress: '10.0.0.1',
  })
  return startControlPlane({
    host: { clock, random, log, disk, http, keys },
    nodeHandler: kubelet,
    onFatal: onError,
    config: {
      storeDirectory: '/data/store',
      pki,
      serviceCidr: simServiceCidr,
      nodePorts: { first: 30_000, last: 32_767 },
      advertise: { address: '10.0.0.1', port: 6443 },
    },
  })
}
