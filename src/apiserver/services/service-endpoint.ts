import type { Service } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
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
