import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import { observePod } from '../observed-pod.ts'
import { containerNamed } from '../pod-containers.ts'
import type { ServerContext } from './server-context.ts'

/** The runtime's own limit for what no deadline is given. */
const runTimeoutMs = 120_000
const outputLimitBytes = 16 * 2 ** 20

/** POST /run/NAMESPACE/POD/CONTAINER?cmd=…: what the command writes. */
export async function run(
  { deps, pods }: ServerContext,
  [namespace = '', podName = '', container = '']: readonly string[],
  query: URLSearchParams,
  { method }: HttpRequest,
): Promise<HttpResponse> {
  if (method !== 'POST') return textAnswer(405, '405: Method Not Allowed')
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, 'pod does not exist')
  const running = observePod(deps.runtime, pod.metadata.uid).containers.find(
    ({ name, state }) => name === container && state === 'running',
  )
  if (running === undefined) return textAnswer(500, `container not found (${JSON.stringify(container)})`)
  const command = (query.get('cmd') ?? '').split(' ')
  const ran = await deps.runtime.execSync(running.id, command, runTimeoutMs, outputLimitBytes)
  if (!ran.ok) return textAnswer(500, ran.error.message)
  const { exitCode, stdout, stderr } = ran.value
  if (exitCode !== 0) return textAnswer(500, `command '${command.join(' ')}' exited with ${exitCode}: `)
  const output = textAnswer(200, '')
  return { ...output, body: [stdout, stderr] }
}

/** POST /checkpoint/NAMESPACE/POD/CONTAINER: refused as where the runtime cannot. */
export function checkpoint(
  { pods }: ServerContext,
  [namespace = '', podName = '', container = '']: readonly string[],
  _: URLSearchParams,
  { method }: HttpRequest,
): HttpResponse {
  if (method !== 'POST') return textAnswer(405, '405: Method Not Allowed')
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, 'pod does not exist')
  if (containerNamed(pod, container) === undefined) return textAnswer(404, `container ${container} does not exist`)
  const why = 'rpc error: code = Unimplemented desc = method CheckpointContainer not implemented'
  return textAnswer(500, `checkpointing of ${namespace}/${podName}/${container} failed (${why})`)
}
