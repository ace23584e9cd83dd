import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { linuxCodec } from '../src/host/linux/codec.ts'
import { buildImage, imageArchive } from '../src/runtime/images/image-archive.ts'

const layers = 5
const filesInLayer = 400
const fileBytes = 256 * 1024
export const bigImageMegabytes = (layers * filesInLayer * fileBytes) / 1e6

/** The archive of an image of half a gigabyte, its layers packed with gzip to about half, as those of programs are. */
export async function writeBigImage(file: string): Promise<void> {
  const content = contents()
  const image = await buildImage(linuxCodec(), {
    name: 'docker.io/library/big:1',
    layers: Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: filesInLayer }, (_, at) => ({
        path: `usr/lib/layer-${layer}/part-${at % 20}/file-${at}`,
        content: content(),
      })),
    ),
    compress: (tar) => gzipSync(tar, { level: 6 }),
  })
  const out = createWriteStream(file)
  for await (const chunk of imageArchive(image)) if (!out.write(chunk)) await once(out, 'drain')
  out.end()
  await once(out, 'close')
}

/** Files of which none is like another: half of each is chance, the other half repeats. */
function contents(): () => Uint8Array {
  let state = 1
  return () => {
    const bytes = new Uint8Array(fileBytes)
    const words = new Uint32Array(bytes.buffer, 0, fileBytes / 8)
    for (let at = 0; at < words.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      words[at] = state ^ (state >>> 16)
    }
    return bytes
  }
}
