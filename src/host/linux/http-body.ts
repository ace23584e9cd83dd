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
    bytes: (limitBytes) =>
      new Promise((resolve) => {
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
      }),
    chunks: () => readable as AsyncIterable<Uint8Array>,
  }
}

function join(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, sizeBytes)
}
