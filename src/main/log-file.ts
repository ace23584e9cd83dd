import { closeSync, copyFileSync, fstatSync, ftruncateSync, openSync } from 'node:fs'

/**
 * The log is kept to twice this size or so: when it has grown past it, it becomes FILE.1 in place of the one before, and begins anew.
 * Looked at when the cluster starts, and each minute while it runs.
 */
const limitBytes = 16 << 20
const lookEveryMs = 60_000

/** The log of before, next to it. */
export function olderLog(logPath: string): string {
  return `${logPath}.1`
}

/**
 * Copied and cut rather than moved away: the cluster process, and the programs that it started, hold the file open, and append to it.
 * No line of this process is lost between the two, for it writes none meanwhile.
 */
export function trimLog(logPath: string, limit: number = limitBytes): void {
  const file = openSync(logPath, 'a', 0o600)
  try {
    if (fstatSync(file).size <= limit) return
    copyFileSync(logPath, olderLog(logPath))
    ftruncateSync(file, 0)
  } finally {
    closeSync(file)
  }
}

/** Never the reason for the process to stop: a full disk has no room for the copy, and then the log waits. */
export function keepLogShort(logPath: string): void {
  setInterval(() => {
    try {
      trimLog(logPath)
    } catch {
      // Tried again a minute later.
    }
  }, lookEveryMs).unref()
}
