import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { fail, ok } from '../../api/result.ts'
import type { HttpBody } from '../../ports/http.ts'

const empty = new Uint8Array()

export const emptyBody: HttpBody = {
  bytes: async () => ok(empty),
  async *chunks() {},
}

/** The body of a request or answer that Node is receiving. */
export function bodyOf(readable: Readable): HttpBody {
  return {
    async bytes(limitBytes) {
      // What has come in one piece with its head is all there a moment later, and then it is not worth any event.
      await undefined
      const isThere =
        readable instanceof IncomingMessage && readable.readableLength === Number(readable.headers['content-length'])
      return isThere ? withinLimit(readable.read() ?? empty, limitBytes) : collected(readable, limitBytes)
    },
    chunks: () => readable as AsyncIterable<Uint8Array>,
  }
}

type Bytes = Awaited<ReturnType<HttpBody['bytes']>>

function withinLimit(bytes: Uint8Array, limitBytes: number): Bytes {
  return bytes.length <= limitBytes ? ok(bytes) : fail('TooLarge')
}

function collected(readable: Readable, limitBytes: number): Promise<Bytes> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    readable.on('data', (chunk: Uint8Array) => {
      sizeBytes += chunk.length
      if (sizeBytes <= limitBytes) chunks.push(chunk)
      else resolve(fail('TooLarge'))
    })
    readable.once('end', () => resolve(ok(join(chunks, sizeBytes))))
    readable.once('error', () => resolve(fail('Aborted')))
    readable.once('close', () => resolve(fail('Aborted')))
  })
}

function join(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, sizeBytes)
}
