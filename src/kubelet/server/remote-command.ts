import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import {
  type CommandOptions,
  type StreamedCommand,
  serveCommand,
  streamedAttach,
  streamedExec,
} from '../../runtime/streaming/serve-command.ts'
import { flag } from './log-options.ts'
import type { ServerContext } from './server-context.ts'

/** /exec/NAMESPACE/POD/CONTAINER?command=…&input=1&output=1&error=1&tty=1, also with the names of the public API. */
export function exec(
  context: ServerContext,
  parts: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
): HttpResponse {
  const command = query.getAll('command')
  return serve(context, parts, query, request, (id, tty) => streamedExec(context.deps.runtime, id, command, tty))
}

/** /attach/NAMESPACE/POD/CONTAINER?input=1&output=1&error=1&tty=1 */
export function attach(
  context: ServerContext,
  parts: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
): HttpResponse {
  return serve(context, parts, query, request, (id) => streamedAttach(context.deps.runtime, id))
}

export function commandOptions(query: URLSearchParams): Result<CommandOptions, string> {
  const asked = (...names: readonly string[]): boolean => names.some((name) => flag(query.get(name)))
  const tty = asked('tty')
  const stdin = asked('input', 'stdin')
  const stdout = asked('output', 'stdout')
  const stderr = asked('error', 'stderr') && !tty
  if (!stdin && !stdout && !stderr) return fail('you must specify at least 1 of stdin, stdout, stderr')
  return ok({ stdin, stdout, stderr, tty })
}

function serve(
  { deps, pods }: ServerContext,
  [namespace = '', podName = '', containerName = '']: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
  command: (containerId: string, tty: boolean) => StreamedCommand,
): HttpResponse {
  const options = commandOptions(query)
  if (!options.ok) return textAnswer(400, options.error)
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, `pod does not exist\n`)
  const container = deps.runtime
    .containers()
    .find((one) => one.pod.uid === pod.metadata.uid && one.name === containerName && one.state === 'running')
  if (container === undefined) return textAnswer(500, `container not found (${JSON.stringify(containerName)})`)
  return serveCommand(deps, request.headers, options.value, command(container.id, options.value.tty))
}
