import { DiskError } from '../../ports/disk.ts'
import type { HttpResponse } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import type { ServerContext } from './server-context.ts'

const folder = '/var/log'

/** GET /logs/…: the machine's log files, folders as lists of links, as Go's file server shows them. */
export async function logFiles({ deps }: ServerContext, parts: readonly string[]): Promise<HttpResponse> {
  if (parts.some((part) => part === '..' || part.includes('/'))) return textAnswer(400, 'invalid URL path\n')
  const path = [folder, ...parts].join('/')
  const { disk } = deps
  try {
    if ((await disk.stat(path)).type === 'directory') return listing(await namesOf(deps, path))
    const first = disk.readChunks(path)[Symbol.asyncIterator]()
    const start = await first.next()
    return {
      type: 'stream',
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      start: (sink) => void send(first, start, sink),
    }
  } catch (error) {
    if (error instanceof DiskError) return textAnswer(404, '404 page not found\n')
    throw error
  }
}

type Sink = Parameters<Extract<HttpResponse, { type: 'stream' }>['start']>[0]

async function send(chunks: AsyncIterator<Uint8Array>, start: IteratorResult<Uint8Array>, sink: Sink): Promise<void> {
  try {
    for (let next = start; next.done !== true; next = await chunks.next()) await sink.write(next.value)
    sink.end()
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    sink.end()
  }
}

async function namesOf({ disk }: ServerContext['deps'], path: string): Promise<readonly string[]> {
  return Promise.all(
    (await disk.list(path)).map(async (name) =>
      (await disk.stat(`${path}/${name}`)).type === 'directory' ? `${name}/` : name,
    ),
  )
}

function listing(names: readonly string[]): HttpResponse {
  const text = (name: string): string =>
    name.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;' })[c] ?? c)
  const href = (name: string): string => name.split('/').map(encodeURIComponent).join('/')
  const links = names.map((name) => `<a href="${href(name)}">${text(name)}</a>\n`).join('')
  const body = `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links}</pre>\n`
  return { ...textAnswer(200, body), headers: { 'content-type': 'text/html; charset=utf-8' } }
}
