import { isJsonObject, type JsonObject, objectAt } from '../../api/json-value.ts'
import type { APIService } from '../../api/kinds.generated.ts'
import type { RemoteDocuments } from '../../api/openapi/documents.ts'
import { belowPath } from '../../api/openapi/merge.ts'
import { v3FromV2 } from '../../api/openapi/v2-to-v3.ts'
import { askBackend, type BackendParts } from './backend.ts'
import { fetchJson, jsonOf } from './remote-discovery.ts'

/** As whom this server reads the documents of others. */
const reader = { name: 'system:aggregator', groups: [] }
const timeoutMs = 60_000

/** What was read before, so that only what has changed is read again. */
export type ReadOpenApi = Readonly<{ documents: RemoteDocuments; etag?: string }>

/**
 * The backend's OpenAPI documents of the group version: where those of v3 are, for it answers for them itself, and its part of v2. Of a
 * server that has no v3 this makes one. What cannot be read now stays as it was. Kubernetes: kube-aggregator/pkg/controllers/openapi and
 * openapiv3.
 */
export async function fetchOpenApi(
  parts: BackendParts,
  service: APIService,
  known: ReadOpenApi | undefined,
): Promise<ReadOpenApi> {
  const { group = '', version = '' } = service.spec ?? {}
  const name = `apis/${group}/${version}`
  const index = await fetchJson(parts, service, { target: '/openapi/v3', accept: 'application/json', user: reader })
  const { v2, etag } = await fetchV2(parts, service, `/${name}/`, known)
  const addresses = index === undefined ? {} : addressesIn(index, `apis/${group}`)
  const isFromV2 = Object.keys(addresses).length === 0 && v2 !== undefined
  const converted = v2 === known?.documents.v2 ? known?.documents.v3 : undefined
  const documents: RemoteDocuments = {
    name,
    addresses,
    ...(v2 === undefined ? {} : { v2 }),
    ...(isFromV2 ? { v3: converted ?? v3FromV2(v2) } : {}),
  }
  return { documents, ...(etag === undefined ? {} : { etag }) }
}

/** The documents of the group and its versions; others of the backend's are not for this server to give out. */
function addressesIn(index: JsonObject, group: string): Readonly<Record<string, string>> {
  const paths = Object.entries(objectAt(index, 'paths'))
  const own = paths.filter(([name]) => name === group || name.startsWith(`${group}/`))
  return Object.fromEntries(
    own.flatMap(([name, place]) => {
      const address = isJsonObject(place) ? place.serverRelativeURL : undefined
      return typeof address === 'string' ? [[name, address]] : []
    }),
  )
}

type Part = Readonly<{ v2?: JsonObject; etag?: string }>

async function fetchV2(
  parts: BackendParts,
  service: APIService,
  prefix: string,
  known: ReadOpenApi | undefined,
): Promise<Part> {
  const before: Part = {
    ...(known?.documents.v2 && { v2: known.documents.v2 }),
    ...(known?.etag && { etag: known.etag }),
  }
  const answer = await askBackend(parts, service, reader, {
    method: 'GET',
    target: '/openapi/v2',
    headers: { accept: 'application/json', ...(before.etag === undefined ? {} : { 'if-none-match': before.etag }) },
    timeoutMs,
  })
  if (!answer.ok) return before
  const { status, headers } = answer.value
  const document = await jsonOf(answer.value)
  if (status === 404) return {}
  if (status !== 200 || document === undefined) return before
  return { v2: belowPath(document, prefix), ...(headers.etag === undefined ? {} : { etag: headers.etag }) }
}
