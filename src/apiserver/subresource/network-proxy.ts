import type { EndpointSlice, Pod, Service } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Http } from '../../ports/http.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { notFound, scopePrefix, storeKey } from '../resource.ts'
import { type Destination, proxied } from './proxied.ts'

/** `http` is absent where the API server has no way to pods. */
export type NetworkProxyParts = Readonly<{ store: Store; random: Random; http?: Pick<Http, 'request' | 'upgrade'> }>

/** pods/NAME/proxy/PATH, NAME being 'name', 'name:port' or 'scheme:name:port' (registry/core/pod's ResourceLocation). */
export async function podProxy(parts: NetworkProxyParts, call: Call): Promise<Result<Answer, Refusal>> {
  const asked = target(call.info.name, 'pod')
  if (!asked.ok) return asked
  const { scheme, name, port } = asked.value
  const object = parts.store.get(storeKey(kinds.pods, call.info.namespace, name))?.object
  if (object === undefined) return fail(notFound(kinds.pods, name))
  const { spec, status } = object as Pod
  const first = (spec?.containers ?? []).flatMap(({ ports }) => ports?.slice(0, 1) ?? [])[0]?.containerPort
  const number = port === '' ? (first ?? (scheme === 'https' ? 443 : 80)) : Number(port)
  const host = status?.podIP ?? ''
  if (host === '' || isLocal(host)) return fail({ reason: 'BadRequest', message: 'address not allowed' })
  if (!Number.isInteger(number)) return fail(invalid('pod', call.info.name))
  return proxied(parts.http, { scheme, host, port: number }, call)
}

/** services/NAME/proxy/PATH: any ready endpoint of the Service answers (registry/core/service's ResourceLocation). */
export async function serviceProxy(parts: NetworkProxyParts, call: Call): Promise<Result<Answer, Refusal>> {
  const asked = target(call.info.name, 'service')
  if (!asked.ok) return asked
  const { scheme, name } = asked.value
  const object = parts.store.get(storeKey(kinds.services, call.info.namespace, name))?.object
  const isNumber = /^\d+$/.test(asked.value.port)
  if (object === undefined) return fail(notFound(isNumber ? kinds.services : kinds.endpoints, name))
  const declared = (object as Service).spec?.ports?.find(({ port }) => port === Number(asked.value.port))
  if (isNumber && declared === undefined) {
    return unavailable(`no service port ${asked.value.port} found for service ${JSON.stringify(name)}`)
  }
  const portName = isNumber ? (declared?.name ?? '') : asked.value.port
  const found = destinations(parts.store, call.info.namespace, name, portName)
  const chosen = found.length === 0 ? undefined : found[parts.random.below(found.length)]
  if (chosen === undefined) return unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  return proxied(parts.http, { ...chosen, scheme }, call)
}

/** The ready endpoints behind a port of a Service. */
export function destinations(
  store: Store,
  namespace: string,
  service: string,
  portName: string,
): readonly Omit<Destination, 'scheme'>[] {
  const answer = store.range({ prefix: scopePrefix(kinds.endpointSlices, namespace) })
  if (!answer.ok) return []
  return answer.value.entries
    .map(({ object }) => object as EndpointSlice)
    .filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === service)
    .flatMap(({ endpoints, ports }) => {
      const port = ports?.find(({ name }) => (name ?? '') === portName)?.port
      const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
      if (port === undefined) return []
      return ready.flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port })))
    })
    .filter(({ host }) => !isLocal(host))
}

/** The API server's own machine is not for clients to reach through it. */
function isLocal(host: string): boolean {
  return /^(127\.|169\.254\.|0\.|::1$|fe80:)/.test(host)
}

type Target = Readonly<{ scheme: 'http' | 'https'; name: string; port: string }>

function target(id: string, what: 'pod' | 'service'): Result<Target, Refusal> {
  const parts = id.split(':')
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  const isKnown = scheme === '' || scheme === 'http' || scheme === 'https'
  if (!isKnown || name === '' || parts.length > 3) return fail(invalid(what, id))
  return ok({ scheme: scheme === 'https' ? 'https' : 'http', name, port })
}

function invalid(what: string, id: string): Refusal {
  return { reason: 'BadRequest', message: `invalid ${what} request ${JSON.stringify(id)}` }
}

function unavailable(message: string): Result<Answer, Refusal> {
  return fail({ reason: 'ServiceUnavailable', message })
}
