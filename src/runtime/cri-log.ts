/** One line of a log in CRI format: '2026-01-01T00:00:00.000000000Z stdout F text'. */
export type LogLine = Readonly<{
  /** As written: RFC 3339 with nanoseconds. */
  time: string
  stream: 'stdout' | 'stderr'
  /** A piece of a longer line: the next one of the stream goes on where it ends. */
  partial: boolean
  text: Uint8Array
}>

const space = 0x20
const decoder = new TextDecoder()

/** Undefined where the bytes are no such line. The line comes without its end. */
export function parseLogLine(line: Uint8Array): LogLine | undefined {
  const afterTime = line.indexOf(space)
  const afterStream = line.indexOf(space, afterTime + 1)
  const afterTag = line.indexOf(space, afterStream + 1)
  if (afterTime <= 0 || afterStream < 0) return undefined
  const time = decoder.decode(line.subarray(0, afterTime))
  const stream = decoder.decode(line.subarray(afterTime + 1, afterStream))
  const tagEnd = afterTag < 0 ? line.length : afterTag
  const [tag] = decoder.decode(line.subarray(afterStream + 1, tagEnd)).split(':')
  if ((stream !== 'stdout' && stream !== 'stderr') || (tag !== 'P' && tag !== 'F')) return undefined
  return { time, stream, partial: tag === 'P', text: afterTag < 0 ? new Uint8Array() : line.subarray(afterTag + 1) }
}

/** Milliseconds since the epoch, rounded up where the line is later within its millisecond. */
export function logTimeMs(time: string): number {
  const ms = Date.parse(time)
  return /\.\d{3}0*[1-9]/.test(time) ? ms + 1 : ms
}
