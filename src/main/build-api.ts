import type { HttpRequest, HttpResponse } from '../ports/http.ts'
import type { ByteSink } from '../ports/streams.ts'
import type { ImageCommands } from '../runtime/engine/engine-image-commands.ts'
import { type BuildLine, readBuildBody } from './build-transfer.ts'

/** `coracle image build`: lines of JSON while it goes on. Whoever leaves ends the build. */
export async function buildApi(images: ImageCommands, { body }: HttpRequest): Promise<HttpResponse> {
  const { request, context } = await readBuildBody(body.chunks())
  const start = (sink: ByteSink): void => {
    const encoder = new TextEncoder()
    const tell = (line: BuildLine): void => void sink.write(encoder.encode(`${JSON.stringify(line)}\n`))
    images
      .build(request, context, tell, sink.closed)
      .then((result) => tell(result.ok ? { built: result.value } : { failure: result.error }))
      .catch((error: unknown) => tell({ failure: { message: error instanceof Error ? error.message : String(error) } }))
      .finally(() => sink.end())
  }
  return { type: 'stream', status: 200, headers: { 'content-type': 'application/jsonl' }, start }
}
