import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type DaemonStatus, daemonPid, statusOf } from './daemon-client.ts'
import { defaultSettings, type Instance, instanceNamed, readSettings, type Settings } from './instance.ts'
import { editKubeconfig, kubeconfigPath, mergeKubeconfig } from './kubeconfig.ts'
import { readAccess } from './pki.ts'
import { ensurePackages } from './system-packages.ts'

export type UpOptions = Readonly<{ simulate?: number; port?: number; podCidr?: string; serviceCidr?: string }>

/** What the cluster process tells over its progress pipe, a JSON line each. */
export type Progress = Readonly<{ step: string }> | Readonly<{ ready: true }> | Readonly<{ error: string }>

const readyTimeoutMs = 60_000

export async function up(name: string, options: UpOptions): Promise<void> {
  const startedMs = performance.now()
  const instance = hostInstance(name)
  const running = daemonPid(instance) === undefined ? undefined : await statusOf(instance)
  if (running !== undefined) return sayAlreadyUp(instance, running)
  const settings = chooseSettings(instance, options)
  if (settings.simulatedNodes === 0) checkHost()
  writeSettings(instance, settings)
  await startDaemon(instance)
  const status = await statusOf(instance)
  if (status === undefined) throw new Error(`the cluster process ended right after it started; see ${instance.logPath}`)
  const context = addContext(instance)
  process.stdout.write(summary(status, context, (performance.now() - startedMs) / 1000))
}

export function hostInstance(name: string): Instance {
  return instanceNamed(name, process.getuid?.() === 0, homedir())
}

function checkHost(): void {
  const instead = 'run `coracle up --simulate N` for N simulated nodes, on which no container runs'
  if (process.platform !== 'linux') throw new Error(`containers need Linux, this is ${process.platform}; ${instead}`)
  if (process.getuid?.() !== 0) throw new Error(`containers need root; become root, or ${instead}`)
  ensurePackages(say)
}

function chooseSettings(instance: Instance, { simulate, port, podCidr, serviceCidr }: UpOptions): Settings {
  const kept = readSettings(instance)
  const asked: Partial<Settings> = {
    ...(simulate === undefined ? {} : { simulatedNodes: simulate }),
    ...(port === undefined ? {} : { apiPort: port }),
    ...(podCidr === undefined ? {} : { podCidr }),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
  }
  if (kept === undefined) return { ...defaultSettings, ...asked }
  for (const [key, value] of Object.entries(asked)) {
    const before = kept[key as keyof Settings]
    if (before !== value)
      throw new Error(`this cluster was made with ${key} ${before}; \`coracle delete\` it first, or use another --name`)
  }
  return kept
}

function writeSettings(instance: Instance, settings: Settings): void {
  mkdirSync(instance.dataDirectory, { recursive: true, mode: 0o700 })
  mkdirSync(instance.runDirectory, { recursive: true, mode: 0o700 })
  chmodSync(instance.dataDirectory, 0o711)
  writeFileSync(instance.settingsPath, `${JSON.stringify(settings, null, 2)}\n`)
}

/** Starts the cluster process apart from this one and relays its progress until it says that it is ready. */
function startDaemon(instance: Instance): Promise<void> {
  const log = openSync(instance.logPath, 'a', 0o600)
  const daemon = fileURLToPath(new URL('./daemon.mjs', import.meta.url))
  const args = ['--no-warnings', '--max-semi-space-size=4', daemon, instance.name]
  const child = spawn(process.execPath, args, { detached: true, cwd: '/', stdio: ['ignore', log, log, 'pipe'] })
  const progress = child.stdio[3]
  if (progress === null || progress === undefined || !('setEncoding' in progress))
    throw new Error('assertion failed: the progress pipe was asked for')
  return new Promise((resolve, reject) => {
    const give = (settle: () => void): void => {
      clearTimeout(timer)
      progress.destroy()
      child.unref()
      settle()
    }
    const timer = setTimeout(
      () =>
        give(() =>
          reject(new Error(`the cluster was not ready after ${readyTimeoutMs / 1000} s; see ${instance.logPath}`)),
        ),
      readyTimeoutMs,
    )
    child.once('exit', (code) =>
      give(() => reject(new Error(`the cluster process ended with ${code}: ${lastLine(instance.logPath)}`))),
    )
    let unread = ''
    progress.setEncoding('utf8')
    progress.on('data', (text: string) => {
      const lines = (unread + text).split('\n')
      unread = lines.pop() ?? ''
      for (const line of lines) {
        const told = JSON.parse(line) as Progress
        if ('step' in told) say(told.step)
        else if ('error' in told) give(() => reject(new Error(told.error)))
        else give(resolve)
      }
    })
  })
}

function lastLine(file: string): string {
  return existsSync(file) ? (readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '') : `see ${file}`
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function addContext(instance: Instance): string {
  const file = kubeconfigPath(process.env, homedir())
  editKubeconfig(file, (text) => mergeKubeconfig(text, instance.name, readAccess(instance)))
  return file
}

function sayAlreadyUp(instance: Instance, status: DaemonStatus): void {
  addContext(instance)
  process.stdout.write(`Cluster "${instance.name}" is already up: ${describe(status)}\n`)
}

function describe({ version, server, nodes, simulatedNodes }: DaemonStatus): string {
  const ready = nodes.filter((node) => node.ready).length
  const kind = simulatedNodes > 0 ? 'simulated nodes (no container runs)' : nodes.length === 1 ? 'node' : 'nodes'
  return `Kubernetes ${version} at ${server}, ${ready} of ${nodes.length} ${kind} ready`
}

function summary(status: DaemonStatus, kubeconfig: string, seconds: number): string {
  return `Cluster "${status.name}" is up after ${seconds.toFixed(1)} s: ${describe(status)}
Context "${status.name}" is now current in ${kubeconfig}

  kubectl get pods -A
  coracle status | logs | image load FILE | down
`
}
