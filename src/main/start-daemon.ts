import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Instance } from './instance.ts'
import { trimLog } from './log-file.ts'

/** What the cluster process tells over its progress pipe, a JSON line each. */
export type Progress =
  | Readonly<{ step: string }>
  | Readonly<{ ready: true }>
  | Readonly<{ error: string }>
  /** Another process runs the cluster: this one has ended without touching anything. */
  | Readonly<{ held: true }>

export type Started = 'ready' | 'held'

/** The cluster process could not start, and has ended. */
export class StartError extends Error {}

const readyTimeoutMs = 60_000

/**
 * Starts the cluster process apart from this one and relays its progress until it is ready. Throws StartError when it ended instead.
 */
export function startDaemon(instance: Instance, say: (line: string) => void): Promise<Started> {
  const child = spawnDaemon(instance)
  let timer: NodeJS.Timeout | undefined
  return new Promise<Started>((resolve, reject) => {
    let error: string | undefined
    timer = setTimeout(() => reject(new Error(lateMessage(instance))), readyTimeoutMs)
    hear(child, (news) => {
      if ('step' in news) say(news.step)
      else if ('error' in news) error = news.error
      else resolve('held' in news ? 'held' : 'ready')
    })
    // After the last of its pipe has been read, where 'exit' may come before.
    child.once('close', (code, signal) =>
      reject(
        new StartError(error ?? `the cluster process ended with ${signal ?? code}: ${lastLine(instance.logPath)}`),
      ),
    )
  }).finally(() => {
    clearTimeout(timer)
    child.stdio[3]?.destroy()
    child.unref()
  })
}

function lateMessage({ name, logPath }: Instance): string {
  return `cluster "${name}" is not ready after ${readyTimeoutMs / 1000} s, and still starting: see \`coracle status\` and ${logPath}`
}

/** What requests leave behind is collected half as often, and less of it has to be copied: 15 MiB more of an idle cluster. */
const nodeFlags = ['--no-warnings', '--max-semi-space-size=32']

function spawnDaemon(instance: Instance): ChildProcess {
  trimLog(instance.logPath)
  const log = openSync(instance.logPath, 'a', 0o600)
  const daemon = fileURLToPath(new URL('./daemon.mjs', import.meta.url))
  return spawn(process.execPath, [...nodeFlags, daemon, instance.name], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log, 'pipe'],
  })
}

function hear(child: ChildProcess, listener: (news: Progress) => void): void {
  const progress = child.stdio[3]
  if (progress === null || progress === undefined || !('setEncoding' in progress))
    throw new Error('assertion failed: the progress pipe was asked for')
  let unread = ''
  progress.setEncoding('utf8')
  progress.on('data', (text: string) => {
    const lines = (unread + text).split('\n')
    unread = lines.pop() ?? ''
    for (const line of lines) listener(JSON.parse(line) as Progress)
  })
}

function lastLine(file: string): string {
  const last = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) : undefined
  return last === undefined || last === '' ? `see ${file}` : last
}
