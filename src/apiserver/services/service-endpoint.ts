import type { Service } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { RequestError } from '../../ports/http.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../resource.ts'
import { destinations } from '../subresource/network-proxy.ts'

type Parts = Readonly<{ store: Store; random: Random }>
type ServicePlace = Readonly<{ name?: string; namespace?: string; port?: number }>

/** One of the ready endpoints of the Service, as the API server's own proxy finds them: for webhooks and aggregated APIs. */
export function serviceEndpoint(
  { store, random }: Parts,
  { name = '', namespace = '', port = 443 }: ServicePlace,
): Result<Readonly<{ host: string; port: number }>, string> {
  const found = store.get(storeKey(kinds.services, namespace, name))?.object as Service | undefined
  if (found === undefined) return fail(`service ${JSON.stringify(name)} not found`)
  const declared = found.spec?.ports?.find((one) => one.port === port)
  if (declared === undefined) return fail(`no service port ${port} found for service ${JSON.stringify(name)}`)
  const ready = destinations(store, namespace, name, declared.name ?? '')
  const chosen = ready.length === 0 ? undefined : ready[random.below(ready.length)]
  return chosen === undefined ? fail(`no endpoints available for service ${JSON.stringify(name)}`) : ok(chosen)
}

/** As Go's net and crypto/x509 word what commonly goes wrong. */
export function goWordOf({ code, message }: RequestError): string {
  if (code === 'TimedOut') return 'context deadline exceeded'
  const refused = /^connect ECONNREFUSED (\S+)$/.exec(message)
  if (refused !== null) return `dial tcp ${refused[1]}: connect: connection refused`
  const lost = /^getaddrinfo E(?:NOTFOUND|AI_AGAIN) (\S+)$/.exec(message)
  if (lost !== null) return `dial tcp: lookup ${lost[1]}: no such host`
  if (code !== 'Tls') return message
  return /self.signed|unable to (?:verify|get)/i.test(message)
    ? 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    : `tls: failed to verify certificate: x509: ${message}`
}
