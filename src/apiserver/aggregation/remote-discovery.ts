import { isJsonObject, type JsonObject } from '../../api/json-value.ts'
import type { APIService } from '../../api/kinds.generated.ts'
import type { IncomingResponse } from '../../ports/http.ts'
import type { User } from '../call.ts'
import { askBackend, type BackendParts } from './backend.ts'

/** As whom this server looks at backends: they let it see everything. */
export const aggregatorUser = { name: 'system:kube-aggregator', groups: ['system:masters'] }

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const timeoutMs = 5000
const limitBytes = 16 << 20

/** What the backend serves in the group version, in the aggregated form; undefined where it could not be learned. */
export async function fetchResources(parts: BackendParts, service: APIService): Promise<readonly object[] | undefined> {
  const { group = '', version = '' } = service.spec ?? {}
  const all = await fetchJson(parts, service, { target: '/apis', accept: `${aggregatedType},application/json` })
  const found = versionIn(all, group, version)
  if (found !== undefined) return found
  const list = await fetchJson(parts, service, { target: `/apis/${group}/${version}`, accept: 'application/json' })
  return list === undefined ? undefined : asAggregated(list)
}

export async function fetchJson(
  parts: BackendParts,
  service: APIService,
  { target, accept, user = aggregatorUser }: Readonly<{ target: string; accept: string; user?: User }>,
): Promise<JsonObject | undefined> {
  const answer = await askBackend(parts, service, user, { method: 'GET', target, headers: { accept }, timeoutMs })
  return answer.ok && answer.value.status === 200 ? jsonOf(answer.value) : undefined
}

/** The object that the body holds, if it does. */
export async function jsonOf({ body }: IncomingResponse): Promise<JsonObject | undefined> {
  const bytes = await body.bytes(limitBytes)
  if (!bytes.ok) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes.value))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function versionIn(all: JsonObject | undefined, group: string, version: string): readonly object[] | undefined {
  if (all?.kind !== 'APIGroupDiscoveryList') return undefined
  const groups = listOf(all, 'items').filter(({ metadata }) => isJsonObject(metadata) && metadata.name === group)
  const versions = groups.flatMap((one) => listOf(one, 'versions'))
  const found = versions.find((one) => one.version === version)
  return found === undefined ? undefined : listOf(found, 'resources')
}

function listOf(object: JsonObject, field: string): readonly JsonObject[] {
  const value = object[field]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

/** An APIResourceList, of a server that knows no better, in the newer form. */
function asAggregated(list: JsonObject): readonly object[] {
  const resources = listOf(list, 'resources')
  const [group = '', version = ''] = String(list.groupVersion ?? '').split('/')
  const kindOf = (one: JsonObject): object => ({
    group: one.group ?? group,
    version: one.version ?? version,
    kind: one.kind,
  })
  const isMain = ({ name }: JsonObject): boolean => !String(name).includes('/')
  return resources.filter(isMain).map((main) => {
    const parts = resources.filter(({ name }) => String(name).startsWith(`${main.name}/`))
    return {
      resource: main.name,
      responseKind: kindOf(main),
      scope: main.namespaced === true ? 'Namespaced' : 'Cluster',
      singularResource: main.singularName ?? '',
      verbs: main.verbs ?? [],
      ...(main.shortNames === undefined ? {} : { shortNames: main.shortNames }),
      ...(main.categories === undefined ? {} : { categories: main.categories }),
      ...(parts.length === 0
        ? {}
        : {
            subresources: parts.map((part) => ({
              subresource: String(part.name).slice(String(main.name).length + 1),
              responseKind: kindOf(part),
              verbs: part.verbs ?? [],
            })),
          }),
    }
  })
}
