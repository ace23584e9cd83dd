import { makeEnder } from '../../api/ending.ts'
import type { Container, Probe } from '../../api/kinds.generated.ts'
import { expand } from '../expansion.ts'
import { httpGetRequest, sendHttpGet } from '../http-get-action.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { until } from '../lifecycle-hook.ts'
import { resolvePort } from '../pod-containers.ts'
import { checkGrpcHealth } from './grpc-health.ts'

/** error: the probe itself could not be run; it counts neither way. */
export type ProbeOutcome = Readonly<{ result: 'success' | 'warning' | 'failure' | 'error'; output: string }>

export type ProbeTarget = Readonly<{ container: Container; id: string; podIp: string }>

type Deps = Pick<KubeletDeps, 'runtime' | 'http' | 'streams' | 'clock'>

const outputLimitBytes = 10 * 1024
const failed = (output: string): ProbeOutcome => ({ result: 'failure', output })
const succeeded: ProbeOutcome = { result: 'success', output: '' }

/** Runs a probe once. The output is worded as the original's, for the event. */
export function runProbe(deps: Deps, probe: Probe, target: ProbeTarget): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.exec !== undefined) return execProbe(deps, probe.exec.command ?? [], target, timeoutMs)
  if (probe.httpGet !== undefined) return httpProbe(deps, probe.httpGet, target, timeoutMs)
  if (probe.tcpSocket !== undefined) return tcpProbe(deps, probe.tcpSocket, target, timeoutMs)
  if (probe.grpc !== undefined) return grpcProbe(deps, probe.grpc, target, timeoutMs)
  return Promise.resolve({ result: 'error', output: `missing probe handler for ${target.container.name}` })
}

async function execProbe(
  { runtime }: Deps,
  command: readonly string[],
  { container, id }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const fixed = (name: string) => container.env?.find((variable) => variable.name === name)?.value
  const words = command.map((word) => expand(word, fixed))
  const ended = await runtime.execSync(id, words, timeoutMs, outputLimitBytes)
  if (!ended.ok) return { result: 'error', output: ended.error.message }
  const { exitCode, stdout, stderr, timedOut } = ended.value
  if (timedOut)
    return failed(`command timed out: ${JSON.stringify(words.join(' '))} timed out after ${timeoutMs / 1000}s`)
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join('')
  return exitCode === 0 ? { result: 'success', output } : failed(output)
}

async function httpProbe(
  deps: Deps,
  action: NonNullable<Probe['httpGet']>,
  { container, podIp }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const request = httpGetRequest(action, container, podIp, 'probe')
  if (!request.ok) return { result: 'error', output: request.error }
  const done = makeEnder()
  const answer = await sendHttpGet(deps.http, request.value, timeoutMs, done.signal)
  // The status says it all; the body may never end.
  done.abort()
  if (!answer.ok) return failed(`Get ${JSON.stringify(request.value.url)}: ${wording(answer.error, request.value.url)}`)
  const { status } = answer.value
  if (status >= 200 && status < 300) return succeeded
  if (status >= 300 && status < 400) return { result: 'warning', output: 'Probe terminated redirects' }
  return failed(`HTTP probe failed with statuscode: ${status}`)
}

function wording({ code, message }: Readonly<{ code: string; message: string }>, url: string): string {
  if (code === 'TimedOut') return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  const { hostname, port, protocol } = new URL(url)
  return dialWording({ code, message }, hostname, Number(port) || (protocol === 'https:' ? 443 : 80))
}

/** Go's words for a connection that does not come about, which people search for. */
function dialWording(
  { code, message }: Readonly<{ code: string; message: string }>,
  host: string,
  port: number,
): string {
  const dial = `dial tcp ${host}:${port}`
  if (code === 'Refused') return `${dial}: connect: connection refused`
  if (code === 'TimedOut') return `${dial}: i/o timeout`
  return message.includes('EHOSTUNREACH') ? `${dial}: connect: no route to host` : message
}

async function tcpProbe(
  { streams }: Deps,
  { port, host = '' }: NonNullable<Probe['tcpSocket']>,
  { container, podIp }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const number = resolvePort(port, container)
  if (number === undefined) return { result: 'error', output: `couldn't find port: ${JSON.stringify(port)}` }
  const address = host === '' ? podIp : host
  const dialed = await streams.dial({ host: address, port: number, timeoutMs })
  if (!dialed.ok) return failed(dialWording(dialed.error, address, number))
  dialed.value.destroy()
  return succeeded
}

async function grpcProbe(
  deps: Deps,
  { port, service = '' }: NonNullable<Probe['grpc']>,
  { podIp }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const authority = `${podIp}:${port}`
  const late = failed(
    `timeout: failed to connect service ${JSON.stringify(authority)} within ${timeoutMs / 1000}s: context deadline exceeded`,
  )
  const dialed = await deps.streams.dial({ host: podIp, port, timeoutMs })
  if (!dialed.ok) return dialed.error.code === 'TimedOut' ? late : failed(dialed.error.message)
  const over = makeEnder()
  const outcome = await Promise.race([
    checkGrpcHealth(dialed.value, authority, service).then((health) => (health.ok ? succeeded : failed(health.error))),
    until(deps, over.signal, timeoutMs).then(() => late),
  ])
  over.abort()
  dialed.value.destroy()
  return outcome
}
