import { simClock } from './clock.ts'
import { simDeflate } from './deflate.ts'
import { simDisk } from './disk.ts'
import { simGrpc } from './grpc.ts'
import { noHttpFaults, simHttp } from './http.ts'
import { simLog } from './log.ts'
import { simMounts } from './mounts.ts'
import { simRandom } from './random.ts'
import { simStreams } from './streams.ts'

/** For tests: a machine without faults, in a virtual time of its own. */
export function simMachine() {
  const clock = simClock()
  const random = simRandom(1)
  const disk = simDisk({ clock, random })
  return {
    clock,
    random,
    disk,
    grpc: simGrpc({ clock, disk }),
    mounts: simMounts({ clock, disk }),
    http: simHttp({ clock, random, faults: noHttpFaults }),
    streams: simStreams({ clock }),
    deflate: simDeflate(),
    log: simLog(clock),
  }
}
