import type { ContainerStatus, PodStatus } from '../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpResponse } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import { containerIdOf } from '../container-statuses.ts'
import { containerNamed } from '../pod-containers.ts'
import { logOptions } from './log-options.ts'
import { sendLog } from './log-reader.ts'
import type { ServerContext } from './server-context.ts'

/** GET /containerLogs/NAMESPACE/POD/CONTAINER. Refusals are plain text, worded as the original's. */
export function containerLogs(
  { deps, pods, statusOf }: ServerContext,
  [namespace = '', podName = '', container = '']: readonly string[],
  query: URLSearchParams,
): HttpResponse {
  const options = logOptions(query, deps.clock.nowMs())
  if (!options.ok) return textAnswer(422, options.error)
  const pod = pods.pod(namespace, podName)
  if (pod === undefined) return textAnswer(404, `pod ${JSON.stringify(podName)} does not exist\n`)
  if (containerNamed(pod, container) === undefined) {
    const name = JSON.stringify(container)
    return textAnswer(404, `container ${name} not found in pod ${JSON.stringify(podName)}\n`)
  }
  const id = loggedContainer(podName, statusOf(pod), container, options.value.previous)
  if (!id.ok) return textAnswer(400, id.error)
  const find = () => deps.runtime.containers().find((candidate) => candidate.id === id.value)
  const logPath = find()?.logPath
  if (logPath === undefined)
    return textAnswer(400, `unable to retrieve container logs for ${containerIdOf(deps.runtime.name, id.value)}`)
  const running = (): boolean => find()?.state === 'running'
  return {
    type: 'stream',
    status: 200,
    headers: { 'content-type': 'text/plain' },
    start: (sink) => void sendLog(deps.disk, deps.clock, { path: logPath, options: options.value, running }, sink),
  }
}

/** The id of the instance whose log is meant, by what the pod's status says: Kubernetes' validateContainerLogStatus. */
export function loggedContainer(
  podName: string,
  status: PodStatus,
  container: string,
  previous: boolean,
): Result<string, string> {
  const all = [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses]
  const known = all.flatMap((list) => list ?? []).find(({ name }) => name === container)
  const what = `container ${JSON.stringify(container)} in pod ${JSON.stringify(podName)}`
  if (known === undefined) return fail(`${what} is not available`)
  const last = known.lastState?.terminated?.containerID
  if (previous) return last ? ok(bare(last)) : fail(`previous terminated ${what} not found`)
  const { running, terminated, waiting } = known.state ?? {}
  if (running !== undefined) return ok(bare(known.containerID ?? ''))
  if (terminated !== undefined) {
    const id = terminated.containerID || last
    return id ? ok(bare(id)) : fail(`${what} is terminated`)
  }
  if (known.lastState?.terminated !== undefined) return last ? ok(bare(last)) : fail(`${what} is terminated`)
  return fail(`${what} is waiting to start${waitingFor(waiting)}`)
}

function waitingFor(waiting: NonNullable<ContainerStatus['state']>['waiting']): string {
  if (waiting === undefined) return ' - no logs yet'
  if (waiting.reason === 'ErrImagePull') return ": image can't be pulled"
  if (waiting.reason === 'ImagePullBackOff') return ': trying and failing to pull image'
  return `: ${waiting.reason ?? ''}`
}

function bare(id: string): string {
  return id.replace(/^[a-z]+:\/\//, '')
}
