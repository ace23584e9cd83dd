import { createHash } from 'node:crypto'
import type { HttpHandler, HttpResponse } from '../../ports/http.ts'

type Blob = Readonly<{ digest: string; content: Uint8Array }>

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar'

/**
 * Every registry of the world at once: it has each image that is asked for, one small layer big. What a container of it does is the
 * workload model's to say.
 */
export function simRegistry(): HttpHandler {
  const layer = blobOf(tarOf('app', 'simulated\n'))
  const blobs = new Map([[layer.digest, layer]])
  const manifestOf = (reference: string): Blob => {
    const config = blobOf(
      json({
        architecture: 'amd64',
        os: 'linux',
        config: { Cmd: ['/app'], Labels: { reference } },
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    )
    blobs.set(config.digest, config)
    return blobOf(
      json({
        schemaVersion: 2,
        mediaType: manifestType,
        config: described(configType, config),
        layers: [described(layerType, layer)],
      }),
    )
  }
  return async ({ method, target }) => {
    const [, name = '', kind = '', reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/?]+)/.exec(target) ?? []
    const found = kind === 'manifests' ? manifestOf(`${name}:${reference}`) : blobs.get(decodeURIComponent(reference))
    if (found === undefined)
      return answer(404, 'application/json', json({ errors: [{ code: 'BLOB_UNKNOWN', message: 'blob unknown' }] }))
    if (kind === 'manifests') blobs.set(found.digest, found)
    const type = kind === 'manifests' ? manifestType : 'application/octet-stream'
    return answer(200, type, method === 'HEAD' ? new Uint8Array() : found.content, {
      'docker-content-digest': found.digest,
    })
  }
}

function answer(
  status: number,
  type: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    type: 'whole',
    status,
    headers: { ...headers, 'content-type': type, 'content-length': String(body.length) },
    body,
  }
}

function json(content: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(content))
}

function blobOf(content: Uint8Array): Blob {
  return { digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, content }
}

function described(mediaType: string, { digest, content }: Blob) {
  return { mediaType, digest, size: content.length }
}

/** A tar with one executable file: POSIX ustar, a header block, the content, two empty blocks. */
function tarOf(name: string, text: string): Uint8Array {
  const content = Buffer.from(text)
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number): number =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
  header.write(name, 0)
  octal(0o755, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(content.length, 124, 12)
  octal(0, 136, 12)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
  return new Uint8Array(Buffer.concat([header, content, padding, Buffer.alloc(1024)]))
}
