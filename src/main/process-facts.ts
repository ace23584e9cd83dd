import { readdirSync, readFileSync } from 'node:fs'
import type { ProcessFacts } from '../apiserver/operations/server-metrics.ts'

const startedMs = Date.now() - process.uptime() * 1000

/** Of this process, by /proc. */
export function processFacts(): ProcessFacts {
  const { user, system } = process.cpuUsage()
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    virtualBytes: numberIn(/^VmSize:\s+(\d+)/m, '/proc/self/status') * 1024,
    openFiles: readdirSync('/proc/self/fd').length,
    mostOpenFiles: numberIn(/^Max open files\s+(\d+)/m, '/proc/self/limits'),
    startedSeconds: startedMs / 1000,
  }
}

function numberIn(pattern: RegExp, file: string): number {
  return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
}
