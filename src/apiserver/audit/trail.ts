import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import type { Status } from '../../api/kinds.generated.ts'
import { apiVersionOf } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Result } from '../../api/result.ts'
import { statusOf } from '../../api/status.ts'
import { parseYamlText } from '../../api/yaml-text.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HttpBody, HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { ByteSink } from '../../ports/streams.ts'
import type { Decision } from '../authorize/decision.ts'
import type { Answer, Endpoint, User } from '../call.ts'
import { type BodyFormat, bodyFormats, decodeAs } from '../handle/body.ts'
import type { RequestInfo } from '../request-info.ts'
import {
  type AuditEvent,
  type AuditSink,
  microTime,
  type ObjectRef,
  userInfoOf,
  withoutManagedFields,
} from './event.ts'
import { type AuditPolicy, type AuditRule, auditRuleFor, type Stage } from './policy.ts'

export type AuditParts = Readonly<{ policy: AuditPolicy; sink: AuditSink; clock: Clock }>

export type Begun = Readonly<{
  request: HttpRequest
  info: RequestInfo
  auditId: string
  receivedMs: number
  /** Absent where nobody was recognised. */
  user?: User
}>

/** What becomes known of a request while it is answered, for the audit log. */
export interface AuditTrail {
  /** The request, with a body that is remembered where the policy wants it. */
  readonly request: HttpRequest
  annotate(key: string, value: string): void
  impersonated(user: User, constraint: string | undefined): void
  decided(decision: Decision): void
  servedBy(endpoint: Endpoint): void
  /** A bug was met: the event that would tell of the answer tells of that. */
  panicked(bug: unknown): void
  /** The answer is on its way; of one that goes on for long, its end is recorded when it comes. Passes the answer on. */
  answered(answered: Result<Answer, Refusal>, response: HttpResponse): HttpResponse
}

/** Undefined where the policy wants nothing of such a request recorded. */
export function beginTrail({ policy, sink, clock }: AuditParts, begun: Begun): AuditTrail | undefined {
  const { request, info, user } = begun
  const rule = auditRuleFor(policy, user, info)
  if (rule.level === 'None') return undefined
  const annotations: Record<string, string> = {}
  let known: Partial<AuditEvent> = firstKnown(begun, rule)
  let endpoint: Endpoint | undefined
  const body = isAtLeast(rule, 'Request') ? rememberedBody(request.body) : undefined
  let panic: string | undefined
  const emit = (stage: Stage): void => {
    if (rule.omitStages.includes(stage)) return
    const more = Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }
    sink.write(inOrder({ ...known, ...more, stage, stageTimestamp: microTime(clock.nowMs()) }))
  }
  if (user !== undefined) emit('RequestReceived')
  return {
    request: body === undefined ? request : { ...request, body },
    annotate(key, value) {
      annotations[key] ??= value
    },
    impersonated(other, constraint) {
      known = {
        ...known,
        impersonatedUser: userInfoOf(other),
        ...(constraint === undefined ? {} : { authenticationMetadata: { impersonationConstraint: constraint } }),
      }
    },
    decided({ verdict, reason, error }) {
      const isFailed = verdict !== 'allow' && error !== undefined
      if (!isFailed) annotations['authorization.k8s.io/decision'] = verdict === 'allow' ? 'allow' : 'forbid'
      annotations['authorization.k8s.io/reason'] = isFailed ? 'internal error' : reason
    },
    servedBy(found) {
      endpoint = found
    },
    panicked(bug) {
      panic = bug instanceof Error ? bug.message : String(bug)
    },
    answered(answered, response) {
      if (user === undefined) {
        known = { ...known, responseStatus: { metadata: {}, message: attempted(request), code: 401 } }
        emit('ResponseStarted')
        return response
      }
      if (panic !== undefined) {
        known = { ...known, responseStatus: { ...panicStatus, message: `APIServer panic'd: ${panic}` } }
        emit('Panic')
        return response
      }
      if (body !== undefined) known = { ...known, ...requestPart(begun, endpoint, body.remembered(), known, rule) }
      known = { ...known, responseStatus: statusPart(answered, response) }
      if (isAtLeast(rule, 'RequestResponse')) {
        const object = objectOf(answered)
        if (object !== undefined) known = { ...known, responseObject: shown(object, rule) }
      }
      if (!isLong(info, response)) {
        emit('ResponseComplete')
        return response
      }
      emit('ResponseStarted')
      return whenEnded(request, response, () => emit('ResponseComplete'))
    },
  }
}

const panicStatus = { metadata: {}, status: 'Failure', reason: 'InternalError', code: 500 }

/** By what somebody tried to be known who was not. */
function attempted({ headers, target, peer }: HttpRequest): string {
  const [scheme = '', credentials] = (headers.authorization ?? '').trim().split(' ')
  const sorts = [
    ...(scheme.toLowerCase() === 'basic' && credentials ? ['basic'] : []),
    ...(scheme.toLowerCase() === 'bearer' && credentials ? ['bearer'] : []),
    ...(/[?&]access_token=[^&\s]/.test(target) ? ['access_token'] : []),
    ...(peer.certificate !== undefined || peer.certificateError !== undefined ? ['x509'] : []),
  ]
  if (sorts.length === 0) return 'Authentication failed, no credentials provided'
  return `Authentication failed, attempted: ${sorts.join(', ')}`
}

function isAtLeast({ level }: AuditRule, least: 'Request' | 'RequestResponse'): boolean {
  return level === 'RequestResponse' || level === least
}

function shown(object: unknown, { omitManagedFields }: AuditRule): unknown {
  return omitManagedFields ? withoutManagedFields(object) : object
}

function firstKnown({ request, info, auditId, receivedMs, user }: Begun, { level }: AuditRule): Partial<AuditEvent> {
  const { headers, peer, target } = request
  const forwarded = (headers['x-forwarded-for'] ?? '').split(',').map((one) => one.trim())
  const sourceIPs = [...new Set([...forwarded, headers['x-real-ip'] ?? '', peer.address].filter((one) => one !== ''))]
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: auditId,
    requestURI: target,
    verb: info.verb,
    user: user === undefined ? {} : userInfoOf(user),
    ...(sourceIPs.length === 0 ? {} : { sourceIPs }),
    ...(headers['user-agent'] === undefined ? {} : { userAgent: headers['user-agent'] }),
    ...(info.isResource ? { objectRef: refOf(info) } : {}),
    requestReceivedTimestamp: microTime(receivedMs),
  }
}

function refOf({ resource, namespace, name, group, version, subresource }: RequestInfo): ObjectRef {
  const all = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) as ObjectRef
}

type Remembered = HttpBody & Readonly<{ remembered(): Uint8Array | undefined }>

function rememberedBody(body: HttpBody): Remembered {
  let bytes: Uint8Array | undefined
  return {
    async bytes(limit) {
      const read = await body.bytes(limit)
      if (read.ok) bytes = read.value
      return read
    },
    chunks: () => body.chunks(),
    remembered: () => bytes,
  }
}

function requestPart(
  { request, info }: Begun,
  endpoint: Endpoint | undefined,
  bytes: Uint8Array | undefined,
  { objectRef }: Partial<AuditEvent>,
  rule: AuditRule,
): Partial<AuditEvent> {
  if (bytes === undefined || bytes.length === 0) return {}
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const isPatch = info.verb === 'patch'
  const object = isPatch ? patchOf(bytes, type) : decodedObject(bytes, bodyFormats[type], endpoint)
  if (object === undefined) return {}
  const { metadata } = object as Partial<ApiObject>
  const named = isPatch || metadata === undefined ? {} : namesOf(metadata)
  return {
    requestObject: shown(object, rule),
    ...(objectRef === undefined ? {} : { objectRef: orderedRef({ ...named, ...objectRef }) }),
  }
}

function namesOf({ namespace, name, uid, resourceVersion }: ApiObject['metadata']): ObjectRef {
  return {
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  }
}

const refOrder = [
  'resource',
  'namespace',
  'name',
  'uid',
  'apiGroup',
  'apiVersion',
  'resourceVersion',
  'subresource',
] as const

function orderedRef(ref: ObjectRef): ObjectRef {
  return Object.fromEntries(refOrder.flatMap((key) => (ref[key] === undefined ? [] : [[key, ref[key]]]))) as ObjectRef
}

function patchOf(bytes: Uint8Array, type: string): unknown {
  const text = new TextDecoder().decode(bytes)
  if (type.endsWith('yaml')) {
    const parsed = parseYamlText(text)
    return parsed.ok ? parsed.value.value : undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As the handlers see it: with defaults, whatever form it was sent in. */
function decodedObject(bytes: Uint8Array, format: BodyFormat | undefined, endpoint: Endpoint | undefined): unknown {
  if (format === undefined || endpoint === undefined) return undefined
  const decoded = decodeAs(endpoint.body, bytes, format)
  if (!decoded.ok) return undefined
  const object = decoded.value.object as ApiObject
  const isOwn = endpoint.kind !== undefined && endpoint.kind === endpoint.body && object.kind === endpoint.kind.kind
  return isOwn && endpoint.kind !== undefined ? applyDefaults(endpoint.kind, object) : object
}

function statusPart(answered: Result<Answer, Refusal>, response: HttpResponse): Partial<Status> {
  if (answered.ok) return { metadata: {}, code: 'status' in response ? response.status : 101 }
  const { kind: _1, apiVersion: _2, ...status } = statusOf(answered.error)
  return status
}

function objectOf(answered: Result<Answer, Refusal>): unknown {
  if (!answered.ok) return statusOf(answered.error)
  const answer = answered.value
  switch (answer.type) {
    case 'entry':
      return answer.entry.object
    case 'object':
      return answer.object
    case 'list': {
      const { kind, meta } = answer
      const items = answer.entries().map(({ object: { kind: _1, apiVersion: _2, ...rest } }) => rest)
      return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: meta, items }
    }
    case 'response':
      return undefined
  }
}

const longSubresources = ['attach', 'exec', 'proxy', 'log', 'portforward']

function isLong({ verb, subresource }: RequestInfo, response: HttpResponse): boolean {
  return response.type !== 'whole' && (verb === 'watch' || longSubresources.includes(subresource))
}

function whenEnded(request: HttpRequest, response: HttpResponse, ended: () => void): HttpResponse {
  if (response.type === 'stream') {
    const { start } = response
    return {
      ...response,
      start(sink: ByteSink) {
        sink.closed.addEventListener('abort', ended)
        start(sink)
      },
    }
  }
  request.closed.addEventListener('abort', ended)
  return response
}

const order = [
  'kind',
  'apiVersion',
  'level',
  'auditID',
  'stage',
  'requestURI',
  'verb',
  'user',
  'impersonatedUser',
  'authenticationMetadata',
  'sourceIPs',
  'userAgent',
  'objectRef',
  'responseStatus',
  'requestObject',
  'responseObject',
  'requestReceivedTimestamp',
  'stageTimestamp',
  'annotations',
] as const satisfies readonly (keyof AuditEvent)[]

/** In the order in which the original writes the fields. */
function inOrder(event: Partial<AuditEvent>): AuditEvent {
  return Object.fromEntries(order.flatMap((key) => (event[key] === undefined ? [] : [[key, event[key]]]))) as AuditEvent
}
