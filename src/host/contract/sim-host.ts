import { type SimClock, simClock } from '../sim/clock.ts'
import { type SimDisk, simDisk } from '../sim/disk.ts'
import { simKeys } from '../sim/keys.ts'
import { simLog } from '../sim/log.ts'
import { simRandom } from '../sim/random.ts'
import { simRun } from './sim-run.ts'

/** The simulated parts that most tests of a server need, on one clock. */
export function simHost(seed = 1) {
  const clock: SimClock = simClock()
  const random = simRandom(seed)
  const disk: SimDisk = simDisk({ clock, random })
  return { clock, random, log: simLog(clock), disk, keys: simKeys(random), run: simRun(clock) }
}
