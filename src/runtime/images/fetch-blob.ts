import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import { DiskError } from '../../ports/disk.ts'
import type { IncomingResponse } from '../../ports/http.ts'
import { DigestError, type ImageStore } from './image-store.ts'
import type { RegistryClient, RegistryError } from './registry-client.ts'

export type FetchParts = Readonly<{
  clock: Clock
  store: ImageStore
  client: RegistryClient
  /** Told how much of the blob there is, as it comes. */
  onBytes?: (digest: string, soFarBytes: number) => void
}>

/** Times that a download is taken up again, and then that it is begun anew. */
const mostResumptions = 5
const mostAttempts = 2
/** A download that brings nothing for so long is given up. */
const idleMs = 60_000

/** Brings a blob into the store, unless it is there. Throws DiskError. */
export async function fetchBlob(parts: FetchParts, digest: string): Promise<Result<void, RegistryError>> {
  const { store } = parts
  if (await store.hasBlob(digest)) return ok(undefined)
  for (let attempt = 1; ; attempt++) {
    const first = await request(parts, digest, 0)
    if (!first.ok) return first
    try {
      await store.writeBlob(resuming(parts, digest, first.value), digest)
      return ok(undefined)
    } catch (error) {
      if (error instanceof DiskError) throw error
      // Bytes that were damaged on the way can be right the next time.
      if (attempt >= mostAttempts || !(error instanceof DigestError)) {
        const why = error instanceof DigestError ? 'unexpected commit digest' : 'httpReadSeeker: failed open'
        const message = `failed to copy: ${why}: ${(error as Error).message}`
        return fail({ code: 'Corrupt', message })
      }
    }
  }
}

async function request(
  { client }: FetchParts,
  digest: string,
  fromByte: number,
): Promise<Result<IncomingResponse, RegistryError>> {
  const headers = fromByte === 0 ? {} : { range: `bytes=${fromByte}-` }
  const answer = await client.send({ method: 'GET', path: `blobs/${digest}`, headers, expected: [200, 206] })
  if (answer.ok) return answer
  const { code, message } = answer.error
  return fail({ code, message: `failed to copy: ${code === 'NotFound' ? `${digest}: not found` : message}` })
}

/** The blob's bytes over as many connections as they take: each goes on where the one before broke off. */
async function* resuming(parts: FetchParts, digest: string, first: IncomingResponse): AsyncIterable<Uint8Array> {
  const { clock, onBytes } = parts
  let response = first
  let received = 0
  for (let attempt = 1; ; attempt++) {
    // A registry that knows no ranges begins anew: what came before is passed over.
    let known = response.status === 206 ? 0 : received
    try {
      for await (const chunk of unlessIdle(clock, response.body.chunks())) {
        const fresh = chunk.subarray(Math.min(known, chunk.length))
        known -= chunk.length - fresh.length
        received += fresh.length
        onBytes?.(digest, received)
        yield fresh
      }
      return
    } catch (error) {
      if (attempt > mostResumptions) throw error
      await clock.sleep(200 * 2 ** attempt)
      const again = await request(parts, digest, received)
      if (!again.ok) throw new Error(again.error.message)
      response = again.value
    }
  }
}

async function* unlessIdle(clock: Clock, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  for (;;) {
    let giveUp = (): void => {}
    const late = new Promise<never>((_, reject) => {
      giveUp = () => reject(new Error(`no data for ${idleMs / 1000} seconds`))
    })
    const timer = clock.after(idleMs, giveUp)
    const next = await Promise.race([iterator.next(), late]).finally(() => timer.cancel())
    if (next.done === true) return
    yield next.value
  }
}
