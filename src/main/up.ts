import { createServer } from 'node:net'
import type { SecurityFiles } from '../apiserver/configuration/security.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { checkRanges } from './address-ranges.ts'
import { type DaemonStatus, daemonPid, statusOf } from './daemon-client.ts'
import { removeInstance } from './down.ts'
import { type Instance, instanceNamed, readSettings, type Settings } from './instance.ts'
import { checkKubeconfig, editKubeconfig, hasContext, kubeconfigPath, mergeKubeconfig } from './kubeconfig.ts'
import { readKubeletConfiguration } from './kubelet-config-file.ts'
import { linuxHost } from './linux-host.ts'
import { readAccess } from './pki.ts'
import {
  askedSettings,
  checkAgrees,
  chooseSettings,
  keepNewSettings,
  makeFolders,
  replaceSettings,
  type UpOptions,
} from './settings.ts'
import { StartError, startDaemon } from './start-daemon.ts'
import { ensurePackages, neededPrograms } from './system-packages.ts'

const joinTimeoutMs = 60_000
const joinEveryMs = 100

export async function up(name: string, options: UpOptions): Promise<void> {
  const startedMs = performance.now()
  const instance = instanceNamed(name)
  checkKubeconfig(kubeconfigPath(process.env))
  if ((await daemonPid(instance)) !== undefined) return join(instance, options)
  const kept = readSettings(instance)
  const settings = chooseSettings(instance, kept, askedSettings(kept, options))
  if (settings.simulatedNodes > 0 && settings.nodes > 1)
    throw new Error('--simulate and --nodes exclude each other: nodes are simulated, or run containers')
  if (settings.runtime !== '' && settings.simulatedNodes + settings.nodes > 1)
    throw new Error('--runtime is for one node, with containers: a runtime has one network for its pods')
  if (settings.simulatedNodes === 0) checkHost(settings)
  else if (options.podCidr !== undefined)
    say('--pod-cidr is of no use with --simulate: each simulated node has a /24 of 10.128.0.0/9')
  if (kept === undefined) checkRanges(instance, settings)
  await checkPort(settings.apiPort)
  await checkSecurity(settings.security)
  if (settings.runtime !== '') await (await import('./check-runtime.ts')).checkRuntime(settings.runtime)
  readKubeletConfiguration(settings.kubeletConfig)
  makeFolders(instance)
  if (kept !== undefined) replaceSettings(instance, settings)
  else if (!keepNewSettings(instance, settings)) return join(instance, options)
  if ((await start(instance, kept)) === 'held') return join(instance, options)
  process.stdout.write(
    summary(await readyStatus(instance), addContext(instance), (performance.now() - startedMs) / 1000),
  )
}

function checkHost({ runtime }: Settings): void {
  const instead = 'run `coracle up --simulate N` for N simulated nodes, on which no container runs'
  if (process.platform !== 'linux') throw new Error(`containers need Linux, this is ${process.platform}; ${instead}`)
  if (process.getuid?.() !== 0) throw new Error(`containers need root; become root, or ${instead}`)
  ensurePackages(neededPrograms(runtime), say)
}

/** What is wrong with a file is said now, not in the log of a process that ends for it. */
async function checkSecurity(files: SecurityFiles): Promise<void> {
  if (Object.keys(files).length === 0) return
  const { securityOf } = await import('./security.ts')
  await (await securityOf(linuxHost(), files)).close()
}

/** Asked before anything is made: a port is the one thing that is often taken. */
async function checkPort(port: number): Promise<void> {
  const server = createServer()
  const code = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    server.listen(port, '127.0.0.1', () => resolve(undefined))
  })
  server.close()
  if (code === undefined) return
  if (code === 'EADDRINUSE')
    throw new Error(`port ${port} is in use: stop what uses it, or choose another with \`coracle up --port PORT\``)
  if (code === 'EACCES')
    throw new Error(`port ${port} is not allowed to this user: choose one above 1023 with \`coracle up --port PORT\``)
  throw new Error(`port ${port} cannot be listened on (${code}): choose another with \`coracle up --port PORT\``)
}

/**
 * A first start that fails leaves nothing that would stand in the way of the next: nobody can have put anything in yet. A later one that
 * fails leaves the settings as they were.
 */
async function start(instance: Instance, kept: Settings | undefined): Promise<'ready' | 'held'> {
  try {
    return await startDaemon(instance, say)
  } catch (error) {
    if (error instanceof StartError && (await daemonPid(instance)) === undefined) {
      if (kept === undefined) await removeInstance(instance, { keepLog: true })
      else replaceSettings(instance, kept)
    }
    throw error
  }
}

/** Another `up` has started it, or is about to. Changes nothing but a context that is missing. */
async function join(instance: Instance, options: UpOptions): Promise<void> {
  const kept = readSettings(instance)
  checkAgrees(instance, kept, askedSettings(kept, options))
  const status = await readyStatus(instance)
  const file = kubeconfigPath(process.env)
  editKubeconfig(file, (text) =>
    hasContext(text, instance.name) ? text : mergeKubeconfig(text, instance.name, readAccess(instance)),
  )
  process.stdout.write(`Cluster "${instance.name}" is already up: ${describe(status)}\n`)
}

/** Of a cluster that runs or is about to: waits until all its nodes are ready. Throws when it ends before, or takes too long. */
async function readyStatus(instance: Instance): Promise<DaemonStatus> {
  const clock = linuxClock()
  const deadlineMs = clock.monotonicMs() + joinTimeoutMs
  // The process that another `up` is about to start may not have its lock yet.
  const presentByMs = clock.monotonicMs() + 2_000
  for (let asked = 0; ; asked++) {
    const pid = await daemonPid(instance)
    const status = pid === undefined ? undefined : await statusOf(instance)
    if (status !== undefined && isReady(status)) return status
    const nowMs = clock.monotonicMs()
    if (pid === undefined && nowMs > presentByMs)
      throw new Error(`the cluster process ended right after it started; see ${instance.logPath}`)
    if (nowMs > deadlineMs)
      throw new Error(
        `cluster "${instance.name}" is not ready after ${joinTimeoutMs / 1000} s; see ${instance.logPath}`,
      )
    if (asked === 0) say(`Cluster "${instance.name}" is being started; waiting until it is ready`)
    await clock.sleep(joinEveryMs)
  }
}

function isReady({ nodes, simulatedNodes, realNodes }: DaemonStatus): boolean {
  return nodes.filter(({ ready }) => ready).length >= (simulatedNodes > 0 ? simulatedNodes : realNodes)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function addContext(instance: Instance): string {
  const file = kubeconfigPath(process.env)
  editKubeconfig(file, (text) => mergeKubeconfig(text, instance.name, readAccess(instance)))
  return file
}

function describe({ version, server, nodes, simulatedNodes }: DaemonStatus): string {
  const ready = nodes.filter((node) => node.ready).length
  const kind = simulatedNodes > 0 ? 'simulated nodes (no container runs)' : nodes.length === 1 ? 'node' : 'nodes'
  return `Kubernetes ${version} at ${server}, ${ready} of ${nodes.length} ${kind} ready`
}

function summary(status: DaemonStatus, kubeconfig: string, seconds: number): string {
  const prefix = status.name === 'coracle' ? 'coracle' : `coracle --name ${status.name}`
  const commands = status.simulatedNodes > 0 ? 'status | logs | down' : 'status | logs | image load FILE | down'
  return `Cluster "${status.name}" is up after ${seconds.toFixed(1)} s: ${describe(status)}
Context "${status.name}" is now current in ${kubeconfig}

  kubectl get pods -A
  ${prefix} ${commands}
`
}
