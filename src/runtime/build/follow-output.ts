import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import { parseLogLine } from '../cri-log.ts'

const lookEveryMs = 50
/** Read in one go, that a long log does not fill the memory. */
const mostAtOnceBytes = 1 << 20
const newline = 0x0a

/** Tells what a container's log gets, until it has ended and all of it is told. */
export async function followOutput(
  { disk, clock }: Readonly<{ disk: Disk; clock: Clock }>,
  logPath: string,
  hasEnded: () => boolean,
  tell: (text: string) => void,
): Promise<void> {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  let offset = 0
  for (;;) {
    // Asked before reading: what was written before the end is read for sure.
    const isLast = hasEnded()
    const { text, readBytes } = await readLines(disk, logPath, offset, decoders)
    offset += readBytes
    if (text !== '') tell(text)
    if (isLast && readBytes === 0) return
    if (readBytes === 0) await clock.sleep(lookEveryMs)
  }
}

async function readLines(
  disk: Disk,
  path: string,
  offset: number,
  decoders: Readonly<Record<'stdout' | 'stderr', InstanceType<typeof TextDecoder>>>,
): Promise<Readonly<{ text: string; readBytes: number }>> {
  let held = new Uint8Array(0)
  let text = ''
  let readBytes = 0
  if (!(await disk.exists(path))) return { text, readBytes }
  for await (const chunk of disk.readChunks(path, offset)) {
    const all = new Uint8Array(held.length + chunk.length)
    all.set(held)
    all.set(chunk, held.length)
    const end = all.lastIndexOf(newline) + 1
    for (let at = 0; at < end; ) {
      const next = all.indexOf(newline, at)
      const line = parseLogLine(all.subarray(at, next))
      at = next + 1
      if (line === undefined) continue
      text += decoders[line.stream].decode(line.text, { stream: true }) + (line.partial ? '' : '\n')
    }
    readBytes += end
    held = all.slice(end)
    if (readBytes >= mostAtOnceBytes) break
  }
  return { text, readBytes }
}
