import { fail, ok, type Result } from '../api/result.ts'
import { linuxProcesses } from '../host/linux/processes.ts'
import type { HttpRequest, HttpResponse } from '../ports/http.ts'
import type { PodRuntime, RuntimeError } from '../runtime/pod-runtime.ts'
import { json } from './admin-answer.ts'
import { answered, bodyOf, type TransferRequest, transferred } from './image-api.ts'
import { runtimeSocket } from './node-runtime.ts'

/**
 * `coracle image …` where another runtime has the images: what the CRI can do, and loading, for which containerd has a command of its own.
 * Undefined for what cannot be done here.
 */
export async function runtimeImageApi(
  runtime: PodRuntime,
  endpoint: string,
  request: HttpRequest,
): Promise<HttpResponse | undefined> {
  const { method, target, body } = request
  switch (`${method} ${new URL(target, 'http://coracle').pathname}`) {
    case 'GET /images':
      return json(200, { images: await runtime.listImages() })
    case 'POST /images/pull': {
      const { reference, auths } = await bodyOf<TransferRequest>(request)
      return transferred(() => runtime.pullImage(reference, auths))
    }
    case 'POST /images/remove': {
      const { reference } = await bodyOf<Readonly<{ reference: string }>>(request)
      if ((await runtime.imageStatus(reference)) === undefined)
        return json(422, { error: `image "${reference}" not found` })
      return answered(await runtime.removeImage(reference), () => ({ images: [reference] }))
    }
    case 'POST /images/load':
      if (runtime.name !== 'containerd') return undefined
      return answered(await importArchive(runtimeSocket(endpoint), body.chunks()), (images) => ({ images }))
    default:
      return undefined
  }
}

export function othersImages(runtime: string): string {
  const instead = runtime === 'containerd' ? 'ctr --namespace k8s.io images' : `what comes with ${runtime}`
  return `this cluster's images are those of ${runtime}, which does not do that for others: use ${instead}`
}

async function importArchive(
  socketPath: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<Result<readonly string[], RuntimeError>> {
  const argv = ['ctr', '--address', socketPath, '--namespace', 'k8s.io', 'images', 'import', '-']
  const started = await linuxProcesses().start({ argv })
  if (!started.ok) return fail({ code: 'Failed', message: `ctr cannot be run: ${started.error.message}` })
  const { write, closeStdin, stdout, stderr, ended } = started.value
  const said = Promise.all([textOf(stdout), textOf(stderr)])
  for await (const chunk of archive) await write(chunk)
  closeStdin()
  const [[output, complaint], { exitCode }] = await Promise.all([said, ended])
  if (exitCode !== 0) return fail({ code: 'Failed', message: `ctr: ${complaint.trim()}` })
  return ok([...output.matchAll(/^unpacking (\S+) /gm)].map(([, name = '']) => name))
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
  return text
}
