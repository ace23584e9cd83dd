import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import { servePortForward } from '../../runtime/streaming/serve-port-forward.ts'
import { observePod, readySandbox } from '../observed-pod.ts'
import type { ServerContext } from './server-context.ts'

/** /portForward/NAMESPACE/POD?port=80 (the ports only where the protocol has no streams of its own). */
export function portForward(
  { deps, pods }: ServerContext,
  [namespace = '', podName = '']: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
): HttpResponse {
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, 'pod does not exist\n')
  const sandbox = readySandbox(observePod(deps.runtime, pod.metadata.uid))
  if (sandbox === undefined) return textAnswer(500, `pod not found (${JSON.stringify(`${podName}_${namespace}`)})`)
  const target = { runtime: deps.runtime, sandboxId: sandbox.id, uid: pod.metadata.uid }
  return servePortForward(deps, request.headers, query, target)
}
