import { parseGoDuration } from '../api/go-duration.ts'
import type { Kind } from '../api/kinds.ts'
import type { Refusal } from '../api/refusal.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Eventual } from './admit/admission.ts'
import type { Aggregator } from './aggregation/aggregator.ts'
import { type AuditParts, type AuditTrail, beginTrail } from './audit/trail.ts'
import { type Authenticated, type AuthenticationParts, authenticate } from './authenticate/authenticate.ts'
import type { Impersonation } from './authenticate/impersonate.ts'
import type { Authorizer, Decision } from './authorize/decision.ts'
import { forbiddenResource } from './authorize/forbidden.ts'
import type { Answer, Call, Endpoint, User, Verb } from './call.ts'
import { deprecationOf } from './deprecation.ts'
import type { Discovery } from './discovery/discovery.ts'
import type { PlainPaths } from './discovery/plain-paths.ts'
import { endpointKey } from './endpoint-table.ts'
import { type Flow, type FlowControl, flowHeaders } from './flow/flow-control.ts'
import { newUid } from './object-meta.ts'
import type { AccessMetrics } from './operations/access-metrics.ts'
import type { RequestMetrics, Way } from './operations/request-metrics.ts'
import type { Output } from './output/output.ts'
import { textResponse } from './output/write-answer.ts'
import { type RequestInfo, requestInfo } from './request-info.ts'
import { notFound } from './resource.ts'
import type { Served } from './served.ts'

export type StackParts = Readonly<{
  random: Random
  audit?: AuditParts
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  authentication: AuthenticationParts
  impersonation: Impersonation
  authorizer: Authorizer
  served: Pick<Served, 'endpoint' | 'isOwn'>
  aggregator: Pick<Aggregator, 'answer'>
  discovery: Discovery
  plainPaths: PlainPaths
  flow: FlowControl
  metrics: RequestMetrics
  access: AccessMetrics
  output: Output
  log: Log
}>

/**
 * The way of every request: route, authenticate, authorize, admit and handle, answer. Nothing a client sends makes it throw. What is
 * known at once is not waited for: a turn of the queue of promises is dear where there are ten of them.
 */
export function requestStack(parts: StackParts): HttpHandler {
  return async (request) => {
    const { path, query } = splitTarget(request.target)
    const info = requestInfo(request.method, path, query)
    const served = parts.metrics.begin(request, info, query)
    const timeout = timeoutOf(info, query)
    const startedMs = parts.clock.monotonicMs()
    const recognizing = timeout.ok ? authenticate(request, path, parts.authentication) : timeout
    const known = recognizing instanceof Promise ? await recognizing : recognizing
    if (timeout.ok)
      parts.access.authenticated(known.ok ? known.value.user.name : undefined, secondsSince(parts, startedMs))
    const timeoutMs = timeout.ok ? timeout.value : 0
    const trail = beginAudit(parts, request, info, known.ok ? known.value.user : undefined)
    const way = { outsideMs: 0, isDropped: false, isServed: false }
    const asked = { request: trail?.request ?? request, info, query, trail, timeoutMs, way }
    const answered = await admitAndAnswer(parts, asked, known)
    const { outcome, warnings, isFiltered, flow } = answered
    const response = parts.output.respond(request, query, outcome, warnings, flow && flowHeaders(flow))
    const shown = isFiltered && !outcome.ok ? withoutSniffing(response, outcome.error) : response
    served(shown, way)
    return trail === undefined ? shown : withAuditId(trail, trail.answered(outcome, shown))
  }
}

/** Watches and streams end in other ways. */
const streams: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** How long a request may take, at the most as long as its client waits: apiserver's WithRequestDeadline. */
function timeoutOf({ verb, subresource }: RequestInfo, query: URLSearchParams): Result<number, Refusal> {
  const text = query.get('timeout') ?? ''
  if (text === '' || verb === 'watch' || streams.has(subresource)) return ok(requestTimeoutMs)
  const parsed = parseGoDuration(text)
  if (!parsed.ok) {
    return fail({ reason: 'BadRequest', message: `invalid timeout specified in the request URL - ${parsed.error}` })
  }
  return ok(parsed.value > 0 ? Math.min(parsed.value, requestTimeoutMs) : requestTimeoutMs)
}

type Asked = Readonly<{
  request: HttpRequest
  info: RequestInfo
  query: URLSearchParams
  trail: IdentifiedTrail | undefined
  timeoutMs: number
  /** How far it has come. What it waits for: its turn, and webhooks. */
  way: { -readonly [Key in keyof Way]: Way[Key] }
}>
type Answered = Readonly<{
  outcome: Result<Answer, Refusal>
  warnings: readonly string[]
  /** The request has come no further than the filters before the handlers. */
  isFiltered: boolean
  /** Absent where nobody knows who asks. */
  flow?: Flow
}>

async function admitAndAnswer(
  parts: StackParts,
  asked: Asked,
  known: Result<Authenticated, Refusal>,
): Promise<Answered> {
  if (!known.ok) return { outcome: known, warnings: [], isFiltered: true }
  const { user: sender } = known.value
  const warnings = [...known.value.warnings]
  const wanting = parts.impersonation.wanted(sender, asked.request.headers, asked.info)
  const wanted = wanting instanceof Promise ? await wanting : wanting
  if (!wanted.ok) return { outcome: wanted, warnings, isFiltered: true }
  if (wanted.value !== undefined) asked.trail?.impersonated(wanted.value.user, wanted.value.constraint)
  const user = wanted.value?.user ?? sender
  const flow = parts.flow.flowOf(user, asked.info)
  const startedMs = parts.clock.monotonicMs()
  const judging = parts.authorizer.authorize(user, asked.info)
  const decision = judging instanceof Promise ? await judging : judging
  parts.access.authorized(decision, secondsSince(parts, startedMs))
  asked.trail?.decided(decision)
  const refusal = refusalOf(asked.info, user, decision)
  if (refusal !== undefined) return { outcome: fail(refusal), warnings, isFiltered: true, flow }
  const enteredMs = parts.clock.monotonicMs()
  asked.way.isDropped = true
  const outcome = await parts.flow.run(flow, asked, () => {
    asked.way.isDropped = false
    asked.way.outsideMs += parts.clock.monotonicMs() - enteredMs
    return answer(parts, asked, user, warnings)
  })
  return { outcome, warnings, isFiltered: false, flow }
}

function secondsSince({ clock }: StackParts, ms: number): number {
  return (clock.monotonicMs() - ms) / 1000
}

type IdentifiedTrail = AuditTrail & Readonly<{ auditId: string }>

/** Clients may say which id a request has, so that they find it in the audit log. */
function beginAudit(
  { audit, clock, random }: StackParts,
  request: HttpRequest,
  info: RequestInfo,
  user: User | undefined,
): IdentifiedTrail | undefined {
  if (audit === undefined) return undefined
  const auditId = request.headers['audit-id'] ?? newUid(random)
  const trail = beginTrail(audit, { request, info, auditId, receivedMs: clock.nowMs(), ...(user && { user }) })
  return trail && { ...trail, auditId }
}

function withAuditId({ auditId }: IdentifiedTrail, response: HttpResponse): HttpResponse {
  if (response.type === 'websocket') return response
  return { ...response, headers: { ...response.headers, 'audit-id': auditId } }
}

/**
 * A bug that one request meets must not end everybody's cluster: it is logged with its stack, and that request alone fails, as
 * kube-apiserver recovers a handler's panic. What is stored is consistent all the same: a commit is one synchronous step.
 */
function panicked(log: Log, { method, target }: HttpRequest, bug: unknown): Result<Answer, Refusal> {
  log.error('apiserver panic', { method, target, bug: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug) })
  return fail({
    reason: 'InternalError',
    message: 'This request caused apiserver to panic. Look in the logs for details.',
  })
}

/** Why they may not ask this. */
function refusalOf(info: RequestInfo, user: User, { verdict, reason, error }: Decision): Refusal | undefined {
  if (verdict === 'allow') return undefined
  return error === undefined ? forbiddenResource(user, info, reason) : { reason: 'InternalError', message: error }
}

/** What apiserver's filters refuse, but for 401, repeats texts of the request: no browser shall take them for a page. */
function withoutSniffing(response: HttpResponse, { reason }: Refusal): HttpResponse {
  if (response.type !== 'whole' || reason === 'Unauthorized') return response
  return { ...response, headers: { ...response.headers, 'x-content-type-options': 'nosniff' } }
}

/** As apiserver's requestTimeoutUpperBound. Deleting a collection takes as long as it takes. */
const requestTimeoutMs = 34_000

async function answer(
  parts: StackParts,
  asked: Asked,
  user: User,
  warnings: string[],
): Promise<Result<Answer, Refusal>> {
  try {
    const handling = handle(parts, asked, user, warnings)
    return handling instanceof Promise ? await handling : handling
  } catch (bug) {
    asked.trail?.panicked(bug)
    return panicked(parts.log, asked.request, bug)
  }
}

function handle(
  parts: StackParts,
  { request, info, query, trail, timeoutMs, way }: Asked,
  user: User,
  warnings: string[],
): Eventual<Result<Answer, Refusal>> {
  const elsewhere = parts.aggregator.answer(info.path, user, request)
  if (elsewhere !== undefined) return elsewhere.then((response) => ok({ type: 'response', response }))
  if (!info.isResource) {
    const answered = plainAnswer(parts, request, info.path, query)
    return answered.ok ? ok({ type: 'response', response: answered.value }) : answered
  }
  const route = routeOf(parts.served, info, request.method)
  if (!route.ok) return missingAnswer(parts.served, info, route.error, warnings)
  const { endpoint, verb } = route.value
  trail?.servedBy(endpoint)
  way.isServed = true
  const unreadable = isShown(verb, endpoint) ? parts.output.refusal(request, shownKind(endpoint)) : undefined
  if (unreadable !== undefined) return fail(unreadable)
  warnings.push(...deprecationOf(endpoint))
  const deadlineMs = verb === 'deletecollection' ? Number.POSITIVE_INFINITY : parts.clock.nowMs() + timeoutMs
  const annotate: Call['annotate'] = (key, value) => trail?.annotate(key, value)
  const spent = (ms: number): void => {
    way.outsideMs += ms
  }
  const call: Call = { request, info, query, user, endpoint, deadlineMs, warnings, annotate, outside: spent }
  return endpoint.handles[verb]?.(call) ?? fail(notAllowed)
}

/** A custom resource's Scale is none of its kind. */
function shownKind({ kind, body }: Endpoint): Kind | undefined {
  return kind?.typeName === body.typeName ? kind : undefined
}

const writes: ReadonlySet<Verb> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/** Whether the answer is an object or a list, for which a form is settled on before anything else; logs and streams have theirs. */
function isShown(verb: Verb, { subresource }: Endpoint): boolean {
  return writes.has(verb) || (subresource === undefined && (verb === 'get' || verb === 'list'))
}

const notAllowed: Refusal = {
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
}

/** In groups that are not Kubernetes' own, what is not served is no path at all; a part that an object's kind has not is not found. */
function missingAnswer(
  served: StackParts['served'],
  info: RequestInfo,
  refusal: Refusal,
  warnings: string[],
): Result<Answer, Refusal> {
  if (refusal.reason !== 'NoSuchPath' || served.isOwn(info.group)) return fail(refusal)
  const { group, version, resource, subresource, name } = info
  const main = subresource === '' ? undefined : served.endpoint(endpointKey(group, version, resource))
  if (main === undefined) return ok({ type: 'response', response: noPage })
  warnings.push(...deprecationOf(main))
  return fail(notFound(main, name))
}

const noPage = textResponse(404, '404 page not found\n', { 'x-content-type-options': 'nosniff' })

type Route = Readonly<{ endpoint: Endpoint; verb: Verb }>

function routeOf(served: Pick<Served, 'endpoint'>, info: RequestInfo, method: string): Result<Route, Refusal> {
  const { group, version, resource, subresource, namespace, hasName } = info
  const endpoint = served.endpoint(endpointKey(group, version, resource, subresource))
  if (endpoint === undefined) return fail({ reason: 'NoSuchPath' })
  // A proxy passes on every method, OPTIONS too, which is no verb of the API's.
  const isProxy = subresource === 'proxy'
  const verb = (isProxy && info.verb === '' ? 'get' : info.verb) as Verb
  if (method === 'HEAD' && !isProxy) return fail(notAllowed)
  const isSelf = resource === 'namespaces' && group === ''
  if (!endpoint.namespaced && namespace !== '' && !isSelf) return fail({ reason: 'NoSuchPath' })
  const isAcross = endpoint.namespaced && namespace === ''
  if (isAcross && (hasName || subresource !== '')) return fail({ reason: 'NoSuchPath' })
  const allowed = endpoint.handles[verb] !== undefined && takesName(verb, subresource, info)
  const isAllowedAcross = !isAcross || verb === 'list' || verb === 'watch'
  return allowed && isAllowedAcross ? ok({ endpoint, verb }) : fail(notAllowed)
}

/** A creation is of a collection or a subresource; all that is about one object names it. */
function takesName(verb: Verb, subresource: string, { hasName }: RequestInfo): boolean {
  if (verb === 'create') return subresource === '' ? !hasName : hasName
  return ['list', 'watch', 'deletecollection'].includes(verb) || hasName
}

/** What is missing from the API's own paths is told as a Status (undefined); other paths are plain 404s. */
function plainAnswer(
  parts: StackParts,
  request: HttpRequest,
  path: string,
  query: URLSearchParams,
): Result<HttpResponse, Refusal> {
  const discovered = parts.discovery.answer(request, path)
  if (discovered !== undefined) return request.method === 'GET' ? ok(discovered) : fail(notAllowed)
  const found = parts.plainPaths(request, path, query)
  if (found !== undefined) return ok(found)
  if (parts.discovery.owns(path)) return fail({ reason: 'NoSuchPath' })
  return ok(noPage)
}

const noQuery = new URLSearchParams()

/** A path that is no valid percent-encoding is taken as it stands. */
function splitTarget(target: string): Readonly<{ path: string; query: URLSearchParams }> {
  const at = target.indexOf('?')
  const raw = at < 0 ? target : target.slice(0, at)
  const query = at < 0 ? noQuery : new URLSearchParams(target.slice(at + 1))
  if (!raw.includes('%')) return { path: raw, query }
  try {
    return { path: decodeURIComponent(raw), query }
  } catch {
    return { path: raw, query }
  }
}
