import type { EngineContext } from '../engine/engine-context.ts'
import { layerTypes } from '../images/image-manifest.ts'
import type { StoredLayer } from '../images/stored-image.ts'
import { writeTar } from '../images/tar-writer.ts'
import { type LayerEntries, layerItems, layerTimeMs, sortedPaths } from './layer-entry.ts'

/** Makes a layer of the entries: a blob, and the folder that containers stand on. Throws DiskError. */
export async function writeLayer(
  { disk, codec, images }: EngineContext,
  entries: LayerEntries,
  epochMs: number,
): Promise<StoredLayer> {
  const plain = codec.sha256()
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of writeTar(layerItems(disk, entries, epochMs))) {
      plain.update(chunk)
      yield chunk
    }
  }
  const { digest } = await images.writeBlob(codec.gzip(counted()))
  const diffId = `sha256:${plain.hex()}`
  const { sizeBytes } = await images.ensureLayer({ digest, diffId })
  return { digest, diffId, mediaType: layerTypes.gzip, sizeBytes }
}

/** What a layer of these entries would be known by, from their contents and not from where they are. */
export async function digestEntries(
  { disk, codec }: EngineContext,
  entries: LayerEntries,
  epochMs: number,
): Promise<string> {
  const whole = codec.sha256()
  const encoder = new TextEncoder()
  const groups = new Map<string, number>()
  for (const path of sortedPaths(entries)) {
    const entry = entries.get(path)
    if (entry === undefined) continue
    const { type, mode, uid, gid, mtimeMs, target, content, inode, xattrs } = entry
    if (inode !== undefined && !groups.has(inode)) groups.set(inode, groups.size)
    const group = inode === undefined ? undefined : groups.get(inode)
    const attributes = [...(xattrs ?? [])].map(([name, value]) => [name, [...value]])
    const digest = content === undefined ? '' : await digestOf({ disk, codec }, content)
    const facts = [path, type, mode, uid, gid, layerTimeMs(mtimeMs, epochMs), target, digest, group, attributes]
    whole.update(encoder.encode(`${JSON.stringify(facts)}\n`))
  }
  return whole.hex()
}

async function digestOf(
  { disk, codec }: Pick<EngineContext, 'disk' | 'codec'>,
  content: Uint8Array | Readonly<{ path: string; sizeBytes: number }>,
): Promise<string> {
  const hash = codec.sha256()
  if (content instanceof Uint8Array) hash.update(content)
  else if (content.sizeBytes > 0) for await (const chunk of disk.readChunks(content.path)) hash.update(chunk)
  return hash.hex()
}
