import { decodeBase64 } from '../../../api/base64.ts'
import { makeEnder } from '../../../api/ending.ts'
import { isJsonObject, type JsonObject, jsonTypeName } from '../../../api/json-value.ts'
import type { AdmissionregistrationV1WebhookClientConfig as ClientConfig } from '../../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Http, IncomingResponse, OutgoingRequest } from '../../../ports/http.ts'
import type { Random } from '../../../ports/random.ts'
import type { Store } from '../../../store/store.ts'
import type { CredentialsFor } from '../../configuration/admission-config.ts'
import type { Credentials } from '../../configuration/client-credentials.ts'
import { goWordOf } from '../../services/go-word.ts'
import { serviceEndpoint } from '../../services/service-endpoint.ts'

export type ClientParts = Readonly<{
  store: Store
  clock: Clock
  random: Random
  http?: Pick<Http, 'request'>
  /** How this server makes itself known to webhooks; absent: not at all. */
  credentialsFor?: CredentialsFor
}>

/** What went wrong on the way to a webhook, or with its answer, in the original's words, and the code that metrics count it under. */
export type CallError = Readonly<{ message: string; code: number }>

type Target = Pick<OutgoingRequest, 'url' | 'connectTo' | 'verify'>

const headers = {
  'content-type': 'application/json',
  accept: 'application/json, */*',
  'user-agent': 'kube-apiserver-admission',
}

const answerLimitBytes = 8 << 20

/** Posts the review and gives back what came, which is JSON at least. `timeoutMs`: of the whole exchange. */
export async function callHook(
  parts: ClientParts,
  config: ClientConfig,
  review: JsonObject,
  timeoutMs: number,
  answerKind = 'AdmissionReview',
): Promise<Result<JsonObject, CallError>> {
  const url = urlOf(config, Math.ceil(timeoutMs / 1000))
  const posting = (why: string): Result<never, CallError> => unavailable(`Post ${JSON.stringify(url)}: ${why}`)
  if (timeoutMs <= 0) return posting('context deadline exceeded')
  if (parts.http === undefined) return posting('this server has no network')
  const connectTo = config.service === undefined ? ok(undefined) : serviceEndpoint(parts, config.service)
  if (!connectTo.ok) return posting(connectTo.error)
  const target: Target = {
    url,
    ...(connectTo.value === undefined ? {} : { connectTo: connectTo.value }),
    ...(config.caBundle ? { verify: { caPem: new TextDecoder().decode(decodeBase64(config.caBundle)) } } : {}),
  }
  const credentials: Result<Credentials, string> = (await parts.credentialsFor?.(hostOf(config))) ?? ok({})
  if (!credentials.ok) return posting(credentials.error)
  const { identity, headers: own, repeatedHeaders } = credentials.value
  const closed = makeEnder()
  const timer = parts.clock.after(timeoutMs, () => closed.abort())
  try {
    const answer = await parts.http.request({
      ...target,
      method: 'POST',
      headers: { ...headers, ...(await own?.()) },
      ...(repeatedHeaders && { repeatedHeaders }),
      ...(identity && { identity }),
      body: new TextEncoder().encode(JSON.stringify(review)),
      timeoutMs,
      maxRedirects: 0,
      closed: closed.signal,
    })
    if (!answer.ok) return posting(closed.signal.aborted ? 'context deadline exceeded' : goWordOf(answer.error))
    return await readAnswer(answer.value, answerKind)
  } finally {
    timer.cancel()
  }
}

function unavailable(message: string): Result<never, CallError> {
  return fail({ message: `failed to call webhook: ${message}`, code: 503 })
}

function urlOf({ service, url = '' }: ClientConfig, seconds: number): string {
  const query = seconds > 0 ? `?timeout=${seconds}s` : ''
  if (service !== undefined) {
    const { name, namespace, port = 443, path = '' } = service
    return `https://${name}.${namespace}.svc:${port}${path.startsWith('/') || path === '' ? path : `/${path}`}${query}`
  }
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' && !url.endsWith('/') ? '' : pathname}${query}`
}

function hostOf({ service, url = '' }: ClientConfig): string {
  return service === undefined ? new URL(url).host : `${service.name}.${service.namespace}.svc:${service.port ?? 443}`
}

async function readAnswer(
  { status, headers, body }: IncomingResponse,
  answerKind: string,
): Promise<Result<JsonObject, CallError>> {
  const bytes = await body.bytes(answerLimitBytes)
  if (!bytes.ok) return unavailable(bytes.error === 'TooLarge' ? 'the answer is too large' : 'unexpected EOF')
  const text = new TextDecoder().decode(bytes.value)
  const parsed = parsedAnswer(text)
  if (status < 200 || status > 206) {
    const told = isJsonObject(parsed) && parsed.kind === 'Status' ? parsed.message : undefined
    return fail({ message: `failed to call webhook: ${told ?? serverProblem(status, text)}`, code: status })
  }
  if (text === '') {
    const type = headers['content-type'] ?? 'application/json'
    return unavailable(`0-length response with status code: ${status} and content type: ${type}`)
  }
  if (!isJsonObject(parsed)) {
    return unavailable(`couldn't get version/kind; json parse error: ${notAnObject(parsed)}`)
  }
  const { kind } = parsed
  if (kind === answerKind || kind === undefined) return ok(parsed)
  const apiVersion = JSON.stringify(parsed.apiVersion ?? '')
  return unavailable(
    `no kind ${JSON.stringify(kind)} is registered for version ${apiVersion} in scheme "pkg/runtime/scheme.go:111"`,
  )
}

/** What is no JSON is YAML to the original, and mostly a text. */
function parsedAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const goStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function notAnObject(value: unknown): string {
  return `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${goStruct}`
}

const problems: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  403: 'unknown',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  415: 'the body of the request was in an unknown format - accepted media types include: ',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

/** As apimachinery's NewGenericServerResponse. */
function serverProblem(status: number, text: string): string {
  if (status === 403) return text.trim() || 'unknown'
  const known = problems[status]
  if (known !== undefined) return known
  if (status < 500) return `the server responded with the status code ${status} but did not return more information`
  return `an error on the server (${JSON.stringify(text.trim() || 'unknown')}) has prevented the request from succeeding`
}
