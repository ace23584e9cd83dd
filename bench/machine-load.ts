import { readFileSync } from 'node:fs'
import type { ServerCpu } from './server-processes.ts'

const msPerTick = 10

/** Of all cores since boot: what was worked, and all there was. */
function machineTicks(): Readonly<{ busy: number; all: number }> {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  const busy = user + nice + system + irq + softIrq + steal
  return { busy, all: busy + idle + ioWait }
}

function ownMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Begins to watch the machine; the answer is the share of it that went to others than this process and the servers it measures. */
export function watchForeignLoad(servers: readonly ServerCpu[]): () => number {
  const measuredMs = (): number => ownMs() + servers.reduce((sum, cpu) => sum + cpu(), 0)
  const before = { ticks: machineTicks(), measuredMs: measuredMs() }
  return () => {
    const { busy, all } = machineTicks()
    const foreignTicks = busy - before.ticks.busy - (measuredMs() - before.measuredMs) / msPerTick
    return Math.max(0, foreignTicks / (all - before.ticks.all))
  }
}
