import type { Result } from '../api/result.ts'
import type { HttpRequest, HttpResponse } from '../ports/http.ts'
import type { ByteSink } from '../ports/streams.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import type { ImageCommands } from '../runtime/engine/engine-image-commands.ts'
import type { OnProgress } from '../runtime/images/transfer-progress.ts'
import type { RegistryAuth, RuntimeError } from '../runtime/pod-runtime.ts'
import { json, readToEnd } from './admin-answer.ts'
import { buildApi } from './build-api.ts'

const largestBodyBytes = 1 << 20

export type TransferRequest = Readonly<{ reference: string; auths: readonly RegistryAuth[] }>

/** `coracle image …` at the process that has the images. Undefined for a path that is none of these. */
export async function imageApi(engine: Engine, request: HttpRequest): Promise<HttpResponse | undefined> {
  const { method, target } = request
  const { images } = engine
  const { pathname, searchParams } = new URL(target, 'http://coracle')
  switch (`${method} ${pathname}`) {
    case 'GET /images':
      return json(200, { images: await engine.listImages() })
    case 'POST /images/load':
      return answered(await loaded(images, request), (names) => ({ images: names }))
    case 'GET /images/save':
      return saved(images, searchParams.getAll('image'))
    case 'GET /images/inspect':
      return answered(await images.inspect(searchParams.get('image') ?? ''), (details) => details)
    case 'POST /images/pull': {
      const { reference, auths } = await bodyOf<TransferRequest>(request)
      return transferred((onProgress) => images.pull(reference, auths, onProgress))
    }
    case 'POST /images/push': {
      const { reference, auths } = await bodyOf<TransferRequest>(request)
      return transferred((onProgress) => images.push(reference, auths, onProgress))
    }
    case 'POST /images/build':
      return buildApi(images, request)
    case 'POST /images/tag': {
      const { reference, name } = await bodyOf<Readonly<{ reference: string; name: string }>>(request)
      return answered(await images.tag(reference, name), (tag) => ({ tag }))
    }
    case 'POST /images/remove': {
      const { reference, force } = await bodyOf<Readonly<{ reference: string; force: boolean }>>(request)
      return answered(await images.remove(reference, force), (removed) => ({ images: removed }))
    }
    case 'POST /images/prune': {
      const { all } = await bodyOf<Readonly<{ all: boolean }>>(request)
      return answered(await images.prune(all), (pruned) => pruned)
    }
    default:
      return undefined
  }
}

/** An archive has its end before that of its file, and a broken one before that. */
async function loaded(images: ImageCommands, request: HttpRequest): ReturnType<ImageCommands['load']> {
  const result = await images.load(request.body.chunks())
  await readToEnd(request)
  return result
}

/** The other end is our own command line. */
export async function bodyOf<T>({ body }: HttpRequest): Promise<T> {
  const bytes = await body.bytes(largestBodyBytes)
  if (!bytes.ok) throw new Error('the request broke off')
  return JSON.parse(new TextDecoder().decode(bytes.value)) as T
}

export function answered<T>(result: Result<T, RuntimeError>, content: (value: T) => object): HttpResponse {
  return result.ok ? json(200, content(result.value)) : json(422, { error: result.error.message })
}

function saved(images: ImageCommands, references: readonly string[]): HttpResponse {
  const archive = images.save(references)
  if (!archive.ok) return json(422, { error: archive.error.message })
  const start = (sink: ByteSink): void => void pour(archive.value, sink)
  return { type: 'stream', status: 200, headers: { 'content-type': 'application/x-tar' }, start }
}

/** Bytes as fast as the other side takes them; a read that fails ends the answer short of the archive's end, which its reader notices. */
async function pour(chunks: AsyncIterable<Uint8Array>, sink: ByteSink): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (!sink.write(chunk)) await sink.drained()
      if (sink.closed.aborted) return
    }
  } finally {
    sink.end()
  }
}

/** Progress as lines of JSON while it goes on; the last line is the outcome: {"done": …} or {"error": "…"}. */
export function transferred(run: (onProgress: OnProgress) => Promise<Result<object, RuntimeError>>): HttpResponse {
  const start = (sink: ByteSink): void => {
    const encoder = new TextEncoder()
    const tell = (line: object): void => void sink.write(encoder.encode(`${JSON.stringify(line)}\n`))
    // Who reads slowly hears less often, so that nothing piles up.
    run((progress) => (progress.type !== 'bytes' || sink.bufferedBytes() === 0 ? tell(progress) : undefined))
      .then((result) => tell(result.ok ? { done: result.value } : { error: result.error.message }))
      .catch((error: unknown) => tell({ error: error instanceof Error ? error.message : String(error) }))
      .finally(() => sink.end())
  }
  return { type: 'stream', status: 200, headers: { 'content-type': 'application/jsonl' }, start }
}
