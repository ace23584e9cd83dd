import type { Clock } from '../../ports/clock.ts'
import { type Disk, DiskError } from '../../ports/disk.ts'
import type { ByteSink } from '../../ports/streams.ts'
import { logTimeMs, parseLogLine } from '../../runtime/cri-log.ts'
import { type LogPlace, placeOfLog } from '../container-log-files.ts'
import { lineBuffer } from './line-buffer.ts'
import type { LogOptions } from './log-options.ts'

/** A log that is quiet is looked at less and less often. */
const firstLookMs = 50
const largestLookMs = 1_000
const tailBlockBytes = 65_536

const newline = 0x0a

export type LogRequest = Readonly<{
  path: string
  options: LogOptions
  /** Whether more may be written. */
  running: () => boolean
}>

/** Writes a container's log to the sink, as asked, and ends it. With follow, goes on until the container has ended. */
export async function sendLog(disk: Disk, clock: Clock, { path, options, running }: LogRequest, sink: ByteSink) {
  const writer = logWriter(options, sink)
  try {
    // Whether more comes, and where from, is asked before reading: what was written before the end is read for sure.
    let more = running()
    let { inode } = await disk.stat(path)
    let place: LogPlace = { path, next: undefined }
    let offset = options.tailLines === undefined ? 0 : await tailOffset(disk, path, options.tailLines)
    let lines = lineBuffer()
    let waitMs = firstLookMs
    while (!sink.closed.aborted && !writer.full()) {
      let read = 0
      for await (const chunk of chunksAt(disk, place.path, offset)) {
        read += chunk.length
        for (const line of lines.push(chunk)) await writer.line(line)
        if (sink.closed.aborted || writer.full()) break
      }
      offset += read
      if (!options.follow) break
      if (read === 0 && place.next !== undefined) {
        inode = place.next
        offset = 0
        lines = lineBuffer()
      } else if (read === 0 && !more) break
      else if (read === 0) await clock.sleep(waitMs)
      waitMs = read > 0 ? firstLookMs : Math.min(largestLookMs, waitMs * 2)
      more = running()
      place = await placeOfLog(disk, path, inode)
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    sink.write(new TextEncoder().encode(`failed to read log file ${JSON.stringify(path)}: ${error.message}\n`))
  }
  sink.end()
}

/** None where the file has been put aside since we looked: the next look finds it. */
async function* chunksAt(disk: Disk, path: string | undefined, offset: number): AsyncIterable<Uint8Array> {
  if (path === undefined) return
  try {
    yield* disk.readChunks(path, offset)
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'NotFound') throw error
  }
}

type LogWriter = Readonly<{ line(line: Uint8Array): Promise<void>; full(): boolean }>

/** Of the last lines no more are written than were asked for, whatever was written meanwhile (cri-client's ReadLogs). */
function logWriter(options: LogOptions, sink: ByteSink): LogWriter {
  const { timestamps, limitBytes, tailLines, sinceMs, stream: wanted, follow } = options
  let leftBytes = limitBytes ?? Number.POSITIVE_INFINITY
  let leftLines = follow ? Number.POSITIVE_INFINITY : (tailLines ?? Number.POSITIVE_INFINITY)
  let atLineStart = true
  const encoder = new TextEncoder()
  const write = async (bytes: Uint8Array): Promise<void> => {
    const part = bytes.length > leftBytes ? bytes.subarray(0, leftBytes) : bytes
    leftBytes -= part.length
    if (part.length > 0 && !sink.write(part)) await sink.drained()
  }
  return {
    full: () => leftBytes <= 0 || leftLines <= 0,
    async line(line) {
      const parsed = parseLogLine(line)
      if (parsed === undefined || leftLines <= 0) return
      leftLines -= 1
      const { time, stream, partial, text } = parsed
      if (wanted !== 'All' && wanted.toLowerCase() !== stream) return
      if (sinceMs !== undefined && logTimeMs(time) < sinceMs) return
      if (timestamps && atLineStart) await write(encoder.encode(`${time} `))
      const whole = new Uint8Array(text.length + (partial ? 0 : 1))
      whole.set(text)
      if (!partial) whole[text.length] = newline
      await write(whole)
      atLineStart = !partial
    },
  }
}

/** Where the last so many lines begin. */
export async function tailOffset(disk: Disk, path: string, lines: number): Promise<number> {
  const { sizeBytes } = await disk.stat(path)
  if (lines === 0) return sizeBytes
  for (let blockBytes = tailBlockBytes; ; blockBytes *= 4) {
    const from = Math.max(0, sizeBytes - blockBytes)
    const ends: number[] = []
    let at = from
    for await (const chunk of disk.readChunks(path, from)) {
      for (let in_ = chunk.indexOf(newline); in_ >= 0; in_ = chunk.indexOf(newline, in_ + 1)) ends.push(at + in_ + 1)
      at += chunk.length
      if (at >= sizeBytes) break
    }
    const start = ends[ends.length - 1 - lines]
    if (start !== undefined) return start
    if (from === 0) return 0
  }
}
