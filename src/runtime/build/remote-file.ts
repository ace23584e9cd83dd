import type { Ending } from '../../api/ending.ts'
import { DiskError } from '../../ports/disk.ts'
import type { EngineContext } from '../engine/engine-context.ts'
import { BuildError } from './build-error.ts'
import { baseName } from './go-path.ts'

export type RemoteFile = Readonly<{ name: string; path: string; mtimeMs: number }>

const answerWithinMs = 60_000
const mostRedirects = 10

/** ADD of a URL: fetches it to a path that is free. Throws BuildError, DiskError. */
export async function fetchRemoteFile(
  { http, disk, codec }: EngineContext,
  url: string,
  path: string,
  checksum: string,
  closed: Ending,
): Promise<RemoteFile> {
  const answer = await http.request({
    method: 'GET',
    url,
    headers: { accept: '*/*' },
    timeoutMs: answerWithinMs,
    maxRedirects: mostRedirects,
    closed,
  })
  if (!answer.ok) throw new BuildError(`failed to load ${url}: ${answer.error.message}`)
  const { status, headers, body } = answer.value
  if (status < 200 || status >= 300) throw new BuildError(`invalid response status ${status} for ${url}`)
  const hash = codec.sha256()
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of body.chunks()) {
      hash.update(chunk)
      yield chunk
    }
  }
  try {
    await disk.writeChunks(path, counted())
  } catch (error) {
    if (error instanceof DiskError) throw error
    throw new BuildError(`failed to load ${url}: ${(error as Error).message}`)
  }
  const digest = `sha256:${hash.hex()}`
  if (checksum !== '' && checksum !== digest) throw new BuildError(`digest mismatch ${digest}: ${checksum}`)
  const modified = Date.parse(headers['last-modified'] ?? '')
  return { name: nameOf(url), path, mtimeMs: Number.isNaN(modified) ? 0 : modified }
}

function nameOf(url: string): string {
  const { pathname } = new URL(url)
  return baseName(pathname.replace(/\/+$/, '')) || '__unnamed__'
}
