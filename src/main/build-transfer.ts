import type { BuildProgress } from '../runtime/build/build-progress.ts'
import type { BuildRequest } from '../runtime/build/build-run.ts'
import type { BuiltImage } from '../runtime/build/commit-image.ts'
import type { BuildFailure } from '../runtime/build/perform-build.ts'
import { byteReader } from '../runtime/images/byte-reader.ts'

/** A line of the answer while an image is built; the last tells how it ended. */
export type BuildLine = BuildProgress | Readonly<{ built: BuiltImage }> | Readonly<{ failure: BuildFailure }>

const lengthDigits = 10
const largestRequestBytes = 64 << 20

/** What is asked, then the context's tar, as one body. */
export async function* buildBody(request: BuildRequest, context: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify(request))
  yield new TextEncoder().encode(String(text.length).padStart(lengthDigits))
  yield text
  yield* context
}

export async function readBuildBody(
  body: AsyncIterable<Uint8Array>,
): Promise<Readonly<{ request: BuildRequest; context: AsyncIterable<Uint8Array> }>> {
  const reader = byteReader(body)
  const length = Number(new TextDecoder().decode(await reader.read(lengthDigits)))
  const text = length <= largestRequestBytes ? await reader.read(length) : undefined
  if (text?.length !== length) throw new Error('the request broke off')
  const request = JSON.parse(new TextDecoder().decode(text)) as BuildRequest
  return { request, context: reader.take(Number.MAX_SAFE_INTEGER) }
}
