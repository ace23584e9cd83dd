import { lockHolder } from '../host/linux/file-lock.ts'
import { linuxHttp } from '../host/linux/http.ts'
import type { HttpBody } from '../ports/http.ts'
import type { Instance } from './instance.ts'

const answerLimitBytes = 16 << 20

export type DaemonStatus = Readonly<{
  name: string
  pid: number
  version: string
  server: string
  startedAt: string
  memoryBytes: number
  simulatedNodes: number
  realNodes: number
  nodes: readonly Readonly<{ name: string; ready: boolean }>[]
  pods: Readonly<{ running: number; total: number }>
}>

/** Asks the running cluster process over its socket. Undefined when none is running. Throws with the reason when it refuses. */
export async function askDaemon(
  instance: Instance,
  method: string,
  target: string,
  body?: AsyncIterable<Uint8Array>,
): Promise<unknown | undefined> {
  const answer = await openDaemon(instance, method, target, body)
  return answer === undefined ? undefined : parsed(answer)
}

/** As askDaemon, for an answer that is read as it comes. */
export async function openDaemon(
  instance: Instance,
  method: string,
  target: string,
  body?: AsyncIterable<Uint8Array>,
): Promise<HttpBody | undefined> {
  const answer = await linuxHttp().request({
    method,
    url: `http://coracle${target}`,
    socketPath: instance.socketPath,
    headers: body === undefined ? {} : { 'transfer-encoding': 'chunked' },
    ...(body === undefined ? {} : { body }),
    timeoutMs: 600_000,
    maxRedirects: 0,
  })
  if (!answer.ok && answer.error.code === 'Refused') return undefined
  if (!answer.ok)
    throw new Error(`the cluster process does not answer: ${answer.error.message}; \`coracle logs\` may tell why`)
  const { status } = answer.value
  if (status < 400) return answer.value.body
  const { error } = (await parsed(answer.value.body)) as Readonly<{ error?: string }>
  throw new Error(error ?? `the cluster process answered ${status}`)
}

async function parsed(body: HttpBody): Promise<unknown> {
  const received = await body.bytes(answerLimitBytes)
  if (!received.ok) throw new Error('the cluster process broke off its answer; `coracle logs` may tell why')
  return JSON.parse(new TextDecoder().decode(received.value))
}

export async function statusOf(instance: Instance): Promise<DaemonStatus | undefined> {
  return (await askDaemon(instance, 'GET', '/status')) as DaemonStatus | undefined
}

/** The cluster process, while it lives: never a stranger that has got its number. */
export function daemonPid(instance: Instance): Promise<number | undefined> {
  return lockHolder(lockPath(instance))
}

export function lockPath(instance: Instance): string {
  return `${instance.runDirectory}/lock`
}
