import type { Ending } from '../api/ending.ts'
import type { Container, LifecycleHandler } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { httpGetRequest, sendHttpGet } from './http-get-action.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import { type KubeletPod, podLabel } from './pod-containers.ts'

/** A hook's output is kept for its message up to this. */
const outputLimitBytes = 4096
const httpTimeoutMs = 30_000

export type HookInput = Readonly<{
  pod: KubeletPod
  container: Container
  /** The runtime's id of it. */
  id: string
  podIp: string
  handler: LifecycleHandler
  /** Aborted when the hook is no longer waited for. */
  closed: Ending
}>

type Deps = Pick<KubeletDeps, 'runtime' | 'http' | 'clock'>

/** Runs a postStart or preStop hook to its end. The error says what the container's status shows. */
export async function runHook(deps: Deps, input: HookInput): Promise<Result<void, string>> {
  const { exec, httpGet, sleep } = input.handler
  if (exec !== undefined) return execHook(deps, input, exec.command ?? [])
  if (httpGet !== undefined) return httpHook(deps, input)
  if (sleep !== undefined) await until(deps, input.closed, sleep.seconds * 1000)
  return ok(undefined)
}

async function execHook(
  { runtime }: Deps,
  input: HookInput,
  command: readonly string[],
): Promise<Result<void, string>> {
  const { pod, container, id, closed } = input
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  const keep = async (chunk: Uint8Array): Promise<void> => {
    if (sizeBytes < outputLimitBytes) parts.push(chunk.subarray(0, outputLimitBytes - sizeBytes))
    sizeBytes += chunk.length
  }
  const ended = await runtime.exec(id, command, false, { stdout: keep, stderr: keep, closed })
  if (ended.ok && ended.value.exitCode === 0) return ok(undefined)
  const error = ended.ok ? `command '${command.join(' ')}' exited with ${ended.value.exitCode}` : ended.error.message
  const output = parts.map((part) => new TextDecoder().decode(part)).join('')
  const where = `Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(podLabel(pod))}`
  return fail(
    `Exec lifecycle hook ([${command.join(' ')}]) for ${where} failed - error: ${error}, message: ${JSON.stringify(output)}`,
  )
}

async function httpHook({ http }: Deps, input: HookInput): Promise<Result<void, string>> {
  const { pod, container, podIp, handler, closed } = input
  const action = handler.httpGet
  if (action === undefined) return ok(undefined)
  const request = httpGetRequest(action, container, podIp, 'lifecycle')
  const where = `Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(podLabel(pod))}`
  const failed = (error: string) =>
    fail(`HTTP lifecycle hook (${action.path ?? ''}) for ${where} failed - error: ${error}`)
  if (!request.ok) return failed(request.error)
  const answer = await sendHttpGet(http, request.value, httpTimeoutMs, closed)
  // Any answer at all is a success.
  if (answer.ok) await answer.value.body.bytes(outputLimitBytes)
  return answer.ok ? ok(undefined) : failed(answer.error.message)
}

/** Resolves after the time, or as soon as the signal is aborted. */
export function until({ clock }: Pick<KubeletDeps, 'clock'>, closed: Ending, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (closed.aborted) return resolve()
    const timer = clock.after(delayMs, done)
    closed.addEventListener('abort', done)
    function done(): void {
      timer.cancel()
      closed.removeEventListener('abort', done)
      resolve()
    }
  })
}
