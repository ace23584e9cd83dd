import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { linuxClock } from '../host/linux/clock.ts'
import { daemonPid, lockPath } from './daemon-client.ts'
import { type Instance, readSettings } from './instance.ts'
import { editKubeconfig, kubeconfigPath, removeFromKubeconfig } from './kubeconfig.ts'
import { tearDownNode } from './node-leftovers.ts'
import { hostInstance } from './up.ts'

const stopTimeoutMs = 20_000

/**
 * Ends the cluster process, then takes down what the node has put into the kernel. The second half does not ask the process for
 * anything, so it also clears up after one that was killed.
 */
export async function down(name: string): Promise<void> {
  const instance = hostInstance(name)
  const stopped = await stop(instance)
  process.stdout.write(
    stopped
      ? `Cluster "${name}" is down; its data stays in ${instance.dataDirectory}\n`
      : `Cluster "${name}" is already down\n`,
  )
}

export async function deleteCluster(name: string): Promise<void> {
  const instance = hostInstance(name)
  const existed = readSettings(instance) !== undefined
  await stop(instance)
  rmSync(instance.dataDirectory, { recursive: true, force: true })
  rmSync(instance.runDirectory, { recursive: true, force: true })
  editKubeconfig(kubeconfigPath(process.env, homedir()), (text) =>
    text === '' ? text : removeFromKubeconfig(text, name),
  )
  process.stdout.write(existed ? `Cluster "${name}" is deleted\n` : `There is no cluster "${name}"\n`)
}

/** False when there was nothing to stop. */
async function stop(instance: Instance): Promise<boolean> {
  const settings = readSettings(instance)
  if (settings === undefined) return false
  const wasRunning = await endProcess(instance)
  const hadLeftovers =
    settings.simulatedNodes === 0 && process.getuid?.() === 0 && (await tearDownNode(instance, settings))
  return wasRunning || hadLeftovers
}

async function endProcess(instance: Instance): Promise<boolean> {
  const pid = daemonPid(instance)
  if (pid === undefined) return false
  process.kill(pid, 'SIGTERM')
  const clock = linuxClock()
  const deadlineMs = clock.monotonicMs() + stopTimeoutMs
  while (daemonPid(instance) === pid) {
    if (clock.monotonicMs() > deadlineMs) {
      process.stderr.write(
        `The cluster process (pid ${pid}) did not stop in ${stopTimeoutMs / 1000} s and is killed; its data is safe\n`,
      )
      process.kill(pid, 'SIGKILL')
    }
    await clock.sleep(20)
  }
  rmSync(lockPath(instance), { force: true })
  return true
}
