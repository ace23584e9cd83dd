import type { Refusal } from '../api/refusal.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import { authenticate } from './authenticate/authenticate.ts'
import type { Impersonation } from './authenticate/impersonate.ts'
import type { ServiceAccountTokens } from './authenticate/service-account-token.ts'
import type { Authorizer } from './authorize/decision.ts'
import { forbiddenResource } from './authorize/forbidden.ts'
import type { Answer, Call, Endpoint, User, Verb } from './call.ts'
import { deprecationOf } from './deprecation.ts'
import type { Discovery } from './discovery/discovery.ts'
import type { PlainPaths } from './discovery/plain-paths.ts'
import { endpointKey } from './endpoint-table.ts'
import type { InFlight } from './in-flight.ts'
import type { Output } from './output/output.ts'
import { textResponse } from './output/write-answer.ts'
import { type RequestInfo, requestInfo } from './request-info.ts'
import type { Served } from './served.ts'

export type StackParts = Readonly<{
  clock: Pick<Clock, 'nowMs'>
  tokens: ServiceAccountTokens
  apiAudiences: readonly string[]
  impersonation: Impersonation
  authorizer: Authorizer
  served: Pick<Served, 'endpoint'>
  discovery: Discovery
  plainPaths: PlainPaths
  inFlight: InFlight
  output: Output
  log: Log
}>

/** The way of every request: route, authenticate, authorize, admit and handle, answer. Nothing a client sends makes it throw. */
export function requestStack(parts: StackParts): HttpHandler {
  return async (request) => {
    const { path, query } = splitTarget(request.target)
    const info = requestInfo(request.method, path, query)
    const warnings: string[] = []
    const user = await admitted(parts, request, info)
    if (!user.ok) return withoutSniffing(parts.output.respond(request, query, user, []), user.error)
    const answered = await answer(parts, { request, info, query, user: user.value, warnings }).catch((bug) =>
      panicked(parts.log, request, bug),
    )
    return parts.output.respond(request, query, answered, warnings)
  }
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

/** Who asks, if they may ask this at all. */
async function admitted(parts: StackParts, request: HttpRequest, info: RequestInfo): Promise<Result<User, Refusal>> {
  const user = await identify(parts, request, info)
  if (!user.ok) return user
  const { verdict, reason, error } = await parts.authorizer.authorize(user.value, info)
  if (verdict === 'allow') return user
  if (error !== undefined) return fail({ reason: 'InternalError', message: error })
  return fail(forbiddenResource(user.value, info, reason))
}

/** What apiserver's filters refuse, but for 401, repeats texts of the request: no browser shall take them for a page. */
function withoutSniffing(response: HttpResponse, { reason }: Refusal): HttpResponse {
  if (response.type !== 'whole' || reason === 'Unauthorized') return response
  return { ...response, headers: { ...response.headers, 'x-content-type-options': 'nosniff' } }
}

type Admitted = Readonly<{
  request: HttpRequest
  info: RequestInfo
  query: URLSearchParams
  user: User
  warnings: string[]
}>

/** As apiserver's requestTimeoutUpperBound. Deleting a collection takes as long as it takes. */
const requestTimeoutMs = 34_000

async function answer(
  parts: StackParts,
  { request, info, query, user, warnings }: Admitted,
): Promise<Result<Answer, Refusal>> {
  if (!info.isResource) {
    const answered = plainAnswer(parts, request, info.path, query)
    return answered.ok ? ok({ type: 'response', response: answered.value }) : answered
  }
  const route = routeOf(parts.served, info, request.method)
  if (!route.ok) return route
  const { endpoint, verb } = route.value
  warnings.push(...deprecationOf(endpoint))
  const deadlineMs = verb === 'deletecollection' ? Number.POSITIVE_INFINITY : parts.clock.nowMs() + requestTimeoutMs
  const call: Call = { request, info, query, user, endpoint, deadlineMs, warnings, annotations: new Map() }
  return parts.inFlight.run(verb, async () => (await endpoint.handles[verb]?.(call)) ?? fail(notAllowed))
}

async function identify(parts: StackParts, request: HttpRequest, info: RequestInfo): Promise<Result<User, Refusal>> {
  const user = authenticate(request, parts.tokens, parts.apiAudiences)
  if (!user.ok) return user
  const wanted = await parts.impersonation.wanted(user.value, request.headers, info)
  return wanted.ok ? ok(wanted.value?.user ?? user.value) : wanted
}

const notAllowed: Refusal = {
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
}

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
  return ok(textResponse(404, '404 page not found\n', { 'x-content-type-options': 'nosniff' }))
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
