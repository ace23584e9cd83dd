import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { linuxClock } from '../host/linux/clock.ts'
import { shutdownSeconds } from '../kubelet/shutdown/shutdown-groups.ts'
import { daemonPid, lockPath } from './daemon-client.ts'
import { defaultSettings, type Instance, instanceNamed, readSettings, type Settings } from './instance.ts'
import { editKubeconfig, kubeconfigPath, removeFromKubeconfig } from './kubeconfig.ts'
import { readKubeletConfiguration } from './kubelet-config-file.ts'
import { tearDownNode } from './node-leftovers.ts'
import { missingPackages, neededPrograms } from './system-packages.ts'

/** Besides the time that pods are given. */
const stopTimeoutMs = 20_000

/**
 * Ends the cluster process, then takes down what the node has put into the kernel. The second half does not ask the process for
 * anything, so it also clears up after one that was killed.
 */
export async function down(name: string): Promise<void> {
  const instance = instanceNamed(name)
  const settings = settingsOrDefault(instance)
  const stopped = settings !== undefined && (await stop(instance, settings))
  if (stopped) process.stdout.write(`Cluster "${name}" is down; its data stays in ${instance.dataDirectory}\n`)
  else if (settings !== undefined) process.stdout.write(`Cluster "${name}" is already down\n`)
  else process.stdout.write(`There is no cluster "${name}"\n`)
}

export async function deleteCluster(name: string): Promise<void> {
  const instance = instanceNamed(name)
  const existed = settingsOrDefault(instance) !== undefined
  await removeInstance(instance, { keepLog: false })
  editKubeconfig(kubeconfigPath(process.env), (text) => (text === '' ? text : removeFromKubeconfig(text, name)))
  process.stdout.write(existed ? `Cluster "${name}" is deleted\n` : `There is no cluster "${name}"\n`)
}

/** Stops what runs and removes all that was made for the cluster on this machine, the log perhaps excepted. */
export async function removeInstance(instance: Instance, { keepLog }: Readonly<{ keepLog: boolean }>): Promise<void> {
  const { dataDirectory, runDirectory, logPath } = instance
  const settings = settingsOrDefault(instance)
  if (settings !== undefined) await stop(instance, settings)
  rmSync(runDirectory, { recursive: true, force: true })
  if (!existsSync(dataDirectory)) return
  for (const entry of readdirSync(dataDirectory)) {
    if (keepLog && entry === path.basename(logPath)) continue
    rmSync(path.join(dataDirectory, entry), { recursive: true, force: true })
  }
  if (!keepLog) removeFolder(dataDirectory)
}

/** Where somebody has mounted a disk for the data, the mount point is theirs. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
  }
}

/** Damaged settings must not keep a cluster from being stopped: where its parts are follows from its name. */
function settingsOrDefault(instance: Instance): Settings | undefined {
  try {
    return readSettings(instance)
  } catch {
    return defaultSettings
  }
}

/** False when there was nothing to stop. */
async function stop(instance: Instance, settings: Settings): Promise<boolean> {
  const { simulatedNodes, runtime } = settings
  const wasRunning = await endProcess(instance, stopTimeoutMs + podsMs(settings.kubeletConfig))
  const mayHaveNode =
    simulatedNodes === 0 && process.getuid?.() === 0 && missingPackages(neededPrograms(runtime)).length === 0
  const hadLeftovers = mayHaveNode && (await tearDownNode(instance, settings))
  return wasRunning || hadLeftovers
}

/** How long a graceful shutdown of the nodes may take. A file that cannot be read now gives them none. */
function podsMs(kubeletConfig: string): number {
  try {
    return shutdownSeconds(readKubeletConfiguration(kubeletConfig)) * 1000
  } catch {
    return 0
  }
}

async function endProcess(instance: Instance, timeoutMs: number): Promise<boolean> {
  const pid = await daemonPid(instance)
  if (pid === undefined) return false
  process.kill(pid, 'SIGTERM')
  const clock = linuxClock()
  const deadlineMs = clock.monotonicMs() + timeoutMs
  let killed = false
  while ((await daemonPid(instance)) === pid) {
    if (!killed && clock.monotonicMs() > deadlineMs) {
      killed = true
      process.stderr.write(
        `The cluster process (pid ${pid}) did not stop in ${timeoutMs / 1000} s and is killed; its data is safe\n`,
      )
      process.kill(pid, 'SIGKILL')
    }
    await clock.sleep(20)
  }
  rmSync(lockPath(instance), { force: true })
  return true
}
