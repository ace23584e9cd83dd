import { quantity, quantityNumber } from '../api/quantity.ts'
import type { Timer } from '../ports/clock.ts'
import { DiskError } from '../ports/disk.ts'
import type { Container } from '../runtime/pod-runtime.ts'
import { durationMs } from './configuration/kubelet-configuration.ts'
import { rotatedLogs, statOf } from './container-log-files.ts'
import type { KubeletDeps } from './kubelet-config.ts'

type Deps = Pick<KubeletDeps, 'runtime' | 'disk' | 'clock' | 'log'> &
  Readonly<{ config: Pick<KubeletDeps['config'], 'configuration'> }>

/** Keeps the logs of running containers within bounds: a log that has grown large is put aside, and the oldest of those goes. */
export function startLogRotation(deps: Deps): Readonly<{ stop(): void }> {
  const lookMs = durationMs(deps.config.configuration.containerLogMonitorInterval)
  let stopped = false
  let timer: Timer | undefined
  const look = async (): Promise<void> => {
    await rotateLargeLogs(deps)
    if (!stopped) timer = deps.clock.after(lookMs, () => void look())
  }
  timer = deps.clock.after(lookMs, () => void look())
  return {
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

/** One look at every log. */
export async function rotateLargeLogs(deps: Deps): Promise<void> {
  const largestBytes = quantityNumber(quantity(deps.config.configuration.containerLogMaxSize))
  const running = deps.runtime.containers().filter(({ state }) => state === 'running')
  for (const container of running) {
    try {
      const file = await statOf(deps.disk, container.logPath)
      if (file !== undefined && file.sizeBytes > largestBytes) await rotate(deps, container)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      deps.log.warn('a container log could not be rotated', { container: container.id, message: error.message })
    }
  }
}

async function rotate({ runtime, disk, clock, log, config }: Deps, { id, logPath }: Container): Promise<void> {
  const rotated = await rotatedLogs(disk, logPath)
  // Room for this one, and for the one that is written next.
  for (const oldest of rotated.slice(0, Math.max(0, rotated.length - (config.configuration.containerLogMaxFiles - 2))))
    await disk.remove(oldest)
  const aside = `${logPath}.${stamp(clock.nowMs())}`
  await disk.rename(logPath, aside)
  const reopened = await runtime.reopenLog(id)
  if (reopened.ok) return
  // It still writes to the file that it has: there must be a log to read.
  await disk.rename(aside, logPath)
  log.warn('a container log could not be rotated', { container: id, message: reopened.error.message })
}

/** '20260101-000000', which sorts by time. */
function stamp(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}
