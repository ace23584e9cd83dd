import type { Node, Pod, Status } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpHandler } from '../../ports/http.ts'
import type { Store } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { notFound, storeKey } from '../resource.ts'
import { logOptionsRefusal } from './log-options.ts'
import { overSocket, socketProtocol } from './socket-stream.ts'

export type ProxyParts = Readonly<{ store: Store; nodeHandler: (nodeName: string) => HttpHandler | undefined }>

type PodPath = 'exec' | 'attach' | 'portForward' | 'containerLogs'

/** pods/exec, attach, portforward and log: the kubelet of the pod's node answers, and its answer is passed on as it is. */
export async function podOnKubelet(parts: ProxyParts, path: PodPath, call: Call): Promise<Result<Answer, Refusal>> {
  const { namespace, name } = call.info
  const wrong = path === 'containerLogs' ? logOptionsRefusal(call.query, name) : undefined
  if (wrong !== undefined) return fail(wrong)
  const object = parts.store.get(storeKey(kinds.pods, namespace, name))?.object
  if (object === undefined) return fail(notFound(kinds.pods, name))
  const pod = object as Pod
  const query = new URLSearchParams(call.query)
  const container = path === 'portForward' ? ok('') : containerOf(pod, query.get('container') ?? '')
  if (!container.ok) return container
  query.delete('container')
  const node = pod.spec?.nodeName ?? ''
  if (node === '') return notAssigned(path, name)
  const suffix = container.value === '' ? '' : `/${encodeURIComponent(container.value)}`
  const target = `/${path}/${namespace}/${name}${suffix}`
  return path === 'containerLogs'
    ? readLog(parts, node, call, target, query)
    : forward(parts, node, call, target, query)
}

/** The kubelet is asked for the plain text, however the client wants to get it. */
async function readLog(
  parts: ProxyParts,
  node: string,
  call: Call,
  target: string,
  query: URLSearchParams,
): Promise<Result<Answer, Refusal>> {
  const protocol = socketProtocol(call.request.headers)
  if (protocol === undefined) return checked(await forward(parts, node, call, target, query), call.info.name)
  const { upgrade: _, connection: _1, ...headers } = call.request.headers
  const plain = { ...call, request: { ...call.request, headers } }
  const answer = checked(await forward(parts, node, plain, target, query), call.info.name)
  if (!answer.ok || answer.value.type !== 'response') return answer
  return ok({ type: 'response', response: overSocket(answer.value.response, protocol) })
}

function checked(answer: Result<Answer, Refusal>, pod: string): Result<Answer, Refusal> {
  return answer.ok ? checkedLog(pod, answer.value) : answer
}

/** A kubelet refuses a log in plain text: clients are told in a Status, as by Kubernetes' GenericHttpResponseChecker. */
function checkedLog(pod: string, answer: Answer): Result<Answer, Refusal> {
  if (answer.type !== 'response' || answer.response.type !== 'whole') return ok(answer)
  const { status, body } = answer.response
  if (status >= 200 && status <= 206) return ok(answer)
  const text = new TextDecoder().decode(body instanceof Uint8Array ? body : body[0])
  if (status === 400) return fail({ reason: 'BadRequest', message: text })
  if (status === 500) return fail({ reason: 'InternalError', message: text })
  return fail({ reason: 'Passed', status: refusedLog(pod, status) })
}

function refusedLog(name: string, code: number): Status {
  const [reason, message] = logRefusals[code] ?? [
    'Unknown',
    `the server responded with the status code ${code} but did not return more information`,
  ]
  return {
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message: `${message} ( pods/log ${name})`,
    reason,
    details: { name, kind: 'pods/log' },
    code,
  }
}

const logRefusals: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  404: ['NotFound', 'the server could not find the requested resource'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
}

/** Logs of a pod that has no node yet are empty; nothing else can be done with it. */
function notAssigned(path: PodPath, name: string): Result<Answer, Refusal> {
  if (path !== 'containerLogs') {
    return fail({ reason: 'BadRequest', message: `pod ${name} does not have a host assigned` })
  }
  return ok({ type: 'response', response: { type: 'whole', status: 204, headers: {}, body: new Uint8Array() } })
}

const defaultContainer = 'kubectl.kubernetes.io/default-container'

/** The container asked for; the only one; or the one that the pod names as its default. Else the client must choose. */
function containerOf({ metadata, spec }: Pod, asked: string): Result<string, Refusal> {
  const name = metadata?.name ?? ''
  const namesOf = (list: readonly Readonly<{ name: string }>[] | undefined): string[] => (list ?? []).map((c) => c.name)
  const main = namesOf(spec?.containers)
  const init = namesOf(spec?.initContainers)
  const ephemeral = namesOf(spec?.ephemeralContainers)
  if (asked !== '') {
    if ([...main, ...init, ...ephemeral].includes(asked)) return ok(asked)
    return fail({ reason: 'BadRequest', message: `container ${asked} is not valid for pod ${name}` })
  }
  const [only] = main
  if (main.length === 1 && only !== undefined) return ok(only)
  const preferred = metadata?.annotations?.[defaultContainer]
  if (preferred !== undefined && main.includes(preferred)) return ok(preferred)
  const choices = [...init, ...main, ...ephemeral].join(' ')
  return fail({
    reason: 'BadRequest',
    message: `a container name must be specified for pod ${name}, choose one of: [${choices}]`,
  })
}

/** nodes/NAME/proxy/PATH: any path of a kubelet. */
export async function nodeProxy(parts: ProxyParts, call: Call): Promise<Result<Answer, Refusal>> {
  // 'name:port' and 'https:name:port' name the same kubelet: it has one port.
  const pieces = call.info.name.split(':')
  const name = (pieces.length === 3 ? pieces[1] : pieces[0]) ?? ''
  const node = parts.store.get(storeKey(kinds.nodes, '', name))
  if (node === undefined) return fail(notFound(kinds.nodes, name))
  return forward(parts, name, call, call.info.rest === '' ? '/' : call.info.rest, call.query)
}

/** An error without a reason of its own, as pkg/util/node words it. */
const noAddress: Refusal = {
  reason: 'Passed',
  status: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'no preferred addresses found; known addresses: []',
    code: 500,
  },
}

async function forward(
  { nodeHandler, store }: ProxyParts,
  node: string,
  call: Call,
  path: string,
  query: URLSearchParams,
): Promise<Result<Answer, Refusal>> {
  const handler = nodeHandler(node)
  if (handler === undefined) {
    const found = store.get(storeKey(kinds.nodes, '', node))?.object as Node | undefined
    if (found !== undefined && (found.status?.addresses ?? []).length === 0) return fail(noAddress)
    return fail({
      reason: 'ServiceUnavailable',
      message: `the kubelet of node ${JSON.stringify(node)} is not reachable`,
    })
  }
  const text = query.toString()
  const target = text === '' ? path : `${path}?${text}`
  return ok({ type: 'response', response: await handler({ ...call.request, target }) })
}
