import { constants, createDeflate, createInflate, type Inflate, type Deflate as NodeDeflate } from 'node:zlib'
import { type Deflate, DeflateError, type DeflateStream } from '../../ports/deflate.ts'

/** Node's zlib. */
export function linuxDeflate(): Deflate {
  return {
    compressor: (dictionary) => streamOf(createDeflate({ dictionary }), Number.POSITIVE_INFINITY),
    decompressor: (dictionary, limitBytes) => streamOf(createInflate({ dictionary }), limitBytes),
  }
}

function streamOf(zlib: NodeDeflate | Inflate, limitBytes: number): DeflateStream {
  let parts: Buffer[] = []
  let sizeBytes = 0
  let failure: Error | undefined
  let fail: (error: Error) => void = () => {}
  let last: Promise<unknown> = Promise.resolve()
  zlib.on('data', (part: Buffer) => {
    sizeBytes += part.length
    if (sizeBytes <= limitBytes) parts.push(part)
    else {
      failed(new Error(`more than ${limitBytes} bytes`))
      zlib.destroy()
    }
  })
  const failed = (error: Error): void => {
    failure ??= error
    fail(failure)
  }
  zlib.on('error', failed)
  const once = (bytes: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(new DeflateError(failure.message))
      parts = []
      sizeBytes = 0
      fail = (error) => reject(new DeflateError(error.message))
      zlib.write(bytes)
      zlib.flush(constants.Z_SYNC_FLUSH, () => resolve(new Uint8Array(Buffer.concat(parts))))
    })
  return {
    run(bytes) {
      const next = last.then(() => once(bytes))
      last = next.catch(() => {})
      return next
    },
    close: () => zlib.close(),
  }
}
