import type { Container } from '../api/kinds.generated.ts'
import { type Disk, DiskError } from '../ports/disk.ts'
import { parseLogLine } from '../runtime/cri-log.ts'
import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { terminationLogPath } from './pod-paths.ts'

/** Kubernetes: at most so much of the file, or else so many lines and bytes of the log. */
const longestMessageBytes = 4096
const longestFromLogsBytes = 2048
const mostLogLines = 80

const decoder = new TextDecoder()

/** What an ended container has left to say: the end of its termination log, or on failure of its log where the policy says so. */
export async function readTerminationMessage(
  disk: Disk,
  root: string,
  container: Container,
  ended: RuntimeContainer,
): Promise<string> {
  const path = terminationLogPath(root, ended.pod.uid, ended.name, ended.attempt)
  const own = decoder.decode(await tail(disk, path, longestMessageBytes))
  const fallback = container.terminationMessagePolicy === 'FallbackToLogsOnError' && (ended.exitCode ?? 0) !== 0
  if (own !== '' || !fallback) return own
  return lastLines(await tail(disk, ended.logPath, 64 * longestFromLogsBytes))
}

/** Empty where there is no file. */
async function tail(disk: Disk, path: string, limitBytes: number): Promise<Uint8Array> {
  try {
    const { sizeBytes } = await disk.stat(path)
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of disk.readChunks(path, Math.max(0, sizeBytes - limitBytes))) {
      parts.push(part)
      length += part.length
      if (length >= limitBytes) break
    }
    const whole = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole.subarray(0, limitBytes)
  } catch (error) {
    if (error instanceof DiskError && error.code === 'NotFound') return new Uint8Array()
    throw error
  }
}

function lastLines(log: Uint8Array): string {
  const lines = decoder.decode(log).split('\n').slice(0, -1).slice(-mostLogLines)
  const text = lines
    .flatMap((line) => parseLogLine(new TextEncoder().encode(line)) ?? [])
    .map(({ text: bytes, partial }) => decoder.decode(bytes) + (partial ? '' : '\n'))
    .join('')
  return text.slice(-longestFromLogsBytes)
}
