import { writeSync } from 'node:fs'
import { startAdminApi } from './admin-api.ts'
import { startCluster } from './cluster.ts'
import { lockPath } from './daemon-client.ts'
import { instanceNamed, readSettings } from './instance.ts'
import { linuxHost } from './linux-host.ts'
import { keepLogShort } from './log-file.ts'
import { startSimulatedCluster } from './simulated-cluster.ts'
import type { Progress } from './start-daemon.ts'

/** The cluster process. `up` starts it apart from itself and reads its progress from descriptor 3. */
const progressDescriptor = 3

function tell(progress: Progress): void {
  try {
    writeSync(progressDescriptor, `${JSON.stringify(progress)}\n`)
  } catch {
    // Nobody reads: `up` was interrupted, or this was started by hand.
  }
}

async function main(name: string): Promise<void> {
  const instance = instanceNamed(name)
  const settings = readSettings(instance)
  if (settings === undefined) throw new Error(`there is no cluster "${name}"; \`coracle up\` makes one`)
  const host = linuxHost()
  const lock = await host.disk.lock(lockPath(instance))
  if (!lock.ok) {
    tell({ held: true })
    return
  }
  keepLogShort(instance.logPath)
  const onFatal = (error: Error): void => {
    host.log.error('the cluster process stops: it cannot go on safely', { error: error.stack ?? error.message })
    process.exit(70)
  }
  const start = settings.simulatedNodes > 0 ? startSimulatedCluster : startCluster
  const cluster = await start({ host, instance, settings, onFatal, onStep: (step) => tell({ step }) })
  const admin = await startAdminApi({ host, instance, settings, cluster })
  const stop = async (): Promise<void> => {
    await admin.close(500)
    await cluster.stop()
    await lock.release()
    process.exit(0)
  }
  let isStopping = false
  const stopOnce = (): void => {
    if (isStopping) return
    isStopping = true
    void stop().catch(onFatal)
  }
  process.on('SIGTERM', stopOnce)
  process.on('SIGINT', stopOnce)
  process.on('SIGHUP', () => {})
  await cluster.whenReady()
  tell({ ready: true })
}

// An assertion that fails stops the process: what is on disk is consistent, and starting again is safe.
process.on('uncaughtException', (error) => {
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'error', message: 'uncaught', error: error.stack })}\n`,
  )
  tell({ error: error.message })
  process.exit(70)
})

const [name = 'coracle'] = process.argv.slice(2)
main(name).catch((error: Error) => {
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'error', message: error.message, stack: error.stack })}\n`,
  )
  tell({ error: error.message })
  process.exit(1)
})
