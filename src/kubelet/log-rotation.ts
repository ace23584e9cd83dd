import type { Timer } from '../ports/clock.ts'
import { DiskError } from '../ports/disk.ts'
import type { Container } from '../runtime/pod-runtime.ts'
import { rotatedLogs, statOf } from './container-log-files.ts'
import type { KubeletDeps } from './kubelet-config.ts'

/** The defaults of Kubernetes' containerLogMaxSize, containerLogMaxFiles and containerLogMonitorInterval. */
const largestLogBytes = 10 * 2 ** 20
const filesPerContainer = 5
const lookMs = 10_000

type Deps = Pick<KubeletDeps, 'runtime' | 'disk' | 'clock' | 'log'>

/** Keeps the logs of running containers within bounds: a log that has grown large is put aside, and the oldest of those goes. */
export function startLogRotation(deps: Deps): Readonly<{ stop(): void }> {
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
  const running = deps.runtime.containers().filter(({ state }) => state === 'running')
  for (const container of running) {
    try {
      const file = await statOf(deps.disk, container.logPath)
      if (file !== undefined && file.sizeBytes > largestLogBytes) await rotate(deps, container)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      deps.log.warn('a container log could not be rotated', { container: container.id, message: error.message })
    }
  }
}

async function rotate({ runtime, disk, clock, log }: Deps, { id, logPath }: Container): Promise<void> {
  const rotated = await rotatedLogs(disk, logPath)
  // Room for this one, and for the one that is written next.
  for (const oldest of rotated.slice(0, Math.max(0, rotated.length - (filesPerContainer - 2))))
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
