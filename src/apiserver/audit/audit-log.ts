import type { Clock } from '../../ports/clock.ts'
import type { AppendFile, Disk } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'
import type { AuditSink } from './event.ts'

export type AuditLogOptions = Readonly<{
  path: string
  /** A new file is begun before this one would exceed it. */
  maxBytes: number
  /** Rotated files older than this go; 0: they stay. */
  maxAgeMs: number
  /** So many rotated files stay; 0: all. */
  maxBackups: number
}>

type Parts = Readonly<{ disk: Disk; clock: Clock; log: Log }>

/** Beyond this, what is recorded while the disk does not follow is lost, and said to be: requests never wait for it. */
const mostWaitingBytes = 16 * 1024 * 1024
const dayMs = 86_400_000
export const auditLogDefaults = { maxBytes: 100 * 1024 * 1024, maxAgeMs: 30 * dayMs, maxBackups: 10 }

const encoder = new TextEncoder()

/** Events as lines of JSON in a file that is rotated by size, as kube-apiserver's log backend does it. */
export function auditLog(options: AuditLogOptions, { disk, clock, log }: Parts): AuditSink {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let lost = 0
  let file: AppendFile | undefined
  let running: Promise<void> | undefined

  const open = async (): Promise<AppendFile> => {
    file ??= await disk.openAppend(options.path)
    return file
  }
  const append = async (lines: readonly Uint8Array[]): Promise<void> => {
    if (lines.length > 0) await (await open()).append(lines)
  }
  /** Many lines at once: the disk is asked as seldom as may be. */
  const writeOut = async (lines: readonly Uint8Array[]): Promise<void> => {
    let batch: Uint8Array[] = []
    let fileBytes = (await open()).sizeBytes()
    for (const line of lines) {
      if (fileBytes > 0 && fileBytes + line.length > options.maxBytes) {
        await append(batch)
        batch = []
        await file?.close()
        file = undefined
        await rotate(disk, options, clock.nowMs())
        fileBytes = 0
      }
      batch.push(line)
      fileBytes += line.length
    }
    await append(batch)
  }
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const chunks = waiting
      waiting = []
      waitingBytes = 0
      try {
        await writeOut(chunks)
      } catch (error) {
        file = undefined
        lost += chunks.length
        log.error('audit events could not be written', {
          path: options.path,
          error: String(error),
          events: chunks.length,
        })
      }
      if (lost > 0) log.warn('audit events were lost', { path: options.path, events: lost })
      lost = 0
    }
    running = undefined
  }
  return {
    write(event) {
      const line = encoder.encode(`${JSON.stringify(event)}\n`)
      if (waitingBytes + line.length > mostWaitingBytes) {
        lost += 1
        return
      }
      waiting.push(line)
      waitingBytes += line.length
      running ??= Promise.resolve().then(run)
    },
    async close() {
      await running
      await file?.close()
    },
  }
}

/** 'audit.log' → 'audit-2026-11-28T15-04-05.000.log', as lumberjack names them. */
function backupPath(path: string, nowMs: number): string {
  const { stem, extension } = partsOf(path)
  const time = new Date(nowMs).toISOString().replaceAll(':', '-').replace('Z', '')
  return `${stem}-${time}${extension}`
}

function partsOf(path: string): Readonly<{ stem: string; extension: string }> {
  const dot = path.lastIndexOf('.')
  const slash = path.lastIndexOf('/')
  return dot > slash + 1 ? { stem: path.slice(0, dot), extension: path.slice(dot) } : { stem: path, extension: '' }
}

async function rotate(disk: Disk, { path, maxAgeMs, maxBackups }: AuditLogOptions, nowMs: number): Promise<void> {
  await disk.rename(path, backupPath(path, nowMs))
  const { stem, extension } = partsOf(path)
  const slash = stem.lastIndexOf('/')
  const [folder, base] = [stem.slice(0, slash) || '/', stem.slice(slash + 1)]
  const backups = (await disk.list(folder))
    .flatMap((name) => {
      const time =
        name.startsWith(`${base}-`) && name.endsWith(extension)
          ? name.slice(base.length + 1, name.length - extension.length)
          : ''
      const madeMs = Date.parse(`${time.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:')}Z`)
      return Number.isNaN(madeMs) ? [] : [{ name, madeMs }]
    })
    .sort((a, b) => b.madeMs - a.madeMs)
  const old = backups.filter(
    ({ madeMs }, at) => (maxBackups > 0 && at >= maxBackups) || (maxAgeMs > 0 && nowMs - madeMs > maxAgeMs),
  )
  for (const { name } of old) await disk.remove(`${folder}/${name}`)
}
