/** The OpenAPI documents of a set of kinds as they are served: text, made when first asked for, with a hash of its content. */
import type { JsonObject } from '../json-value.ts'
import type { Kind } from '../kinds.ts'
import { customDefinitions, publishedKind } from './custom-definitions.ts'
import {
  isSameList,
  type KeptParts,
  kindsByDocument,
  noParts,
  openApiV2,
  openApiV3Document,
  openApiV3Names,
} from './document.ts'
import { mergedDocuments } from './merge.ts'

export type ServedDocument = Readonly<{
  /** JSON. */
  text: string
  /** Changes with the text: its ETag, and for v3 the hash in its address. */
  hash: string
}>

export type OpenApiDocuments = Readonly<{
  /** /openapi/v2 */
  v2(): ServedDocument
  /** /openapi/v3: where each document is. Clients keep a document for good under the address with its hash. */
  v3Index(): ServedDocument
  /** /openapi/v3/NAME, for 'apis/apps/v1' and the like; undefined if there is no such document. */
  v3(name: string): ServedDocument | undefined
}>

/** What another server says of a group version that it serves. */
export type RemoteDocuments = Readonly<{
  /** Of the v3 document: 'apis/GROUP/VERSION'. */
  name: string
  /** Of v3 documents for which it answers itself, by their names: '/openapi/v3/apis/GROUP/VERSION?hash=…'. */
  addresses: Readonly<Record<string, string>>
  /** Its part of v2. */
  v2?: JsonObject
  /** Where it has no v3: made of v2, for this server to give out. */
  v3?: JsonObject
}>

/** What was made of the same kinds before. */
export type KeptDocuments = Readonly<{
  v3: Map<string, Readonly<{ of: readonly Kind[]; document: ServedDocument }>>
  v2: KeptParts
}>

export function noDocuments(): KeptDocuments {
  return { v3: new Map(), v2: noParts() }
}

const noKinds: readonly Kind[] = []

/**
 * `remote`: what other servers have, the most important first. `kept`: of what was served before, given again each time; a definition
 * changes one document of hundreds.
 */
export function openApiDocuments(
  all: readonly Kind[],
  remote: readonly RemoteDocuments[] = [],
  kept = noDocuments(),
): OpenApiDocuments {
  const kinds = all.map(publishedKind)
  const byDocument = kindsByDocument(kinds)
  const own = customDefinitions(all)
  const texts = new Map<string, ServedDocument>()
  const serve = (key: string, make: () => unknown): ServedDocument => {
    const known = texts.get(key)
    if (known !== undefined) return known
    const document = served(make())
    texts.set(key, document)
    return document
  }
  const ownNames = openApiV3Names(kinds)
  const converted = new Map(remote.flatMap(({ name, v3 }) => (v3 === undefined ? [] : [[name, v3] as const])))
  const names = [...ownNames, ...converted.keys()]
  const elsewhere = Object.assign({}, ...remote.map(({ addresses }) => addresses)) as Readonly<Record<string, string>>
  const others = remote.flatMap(({ v2 }) => (v2 === undefined ? [] : [v2]))
  const ownNameSet = new Set(ownNames)
  const ownV3 = (name: string): ServedDocument => {
    const of = byDocument.get(name) ?? noKinds
    const before = kept.v3.get(name)
    if (before !== undefined && isSameList(before.of, of)) return before.document
    const document = served(openApiV3Document(kinds, name, own))
    kept.v3.set(name, { of, document })
    return document
  }
  const v3 = (name: string): ServedDocument | undefined => {
    const foreign = converted.get(name)
    if (foreign !== undefined) return serve(`v3/${name}`, () => foreign)
    return ownNameSet.has(name) ? ownV3(name) : undefined
  }
  const address = (name: string): string => `/openapi/v3/${name}?hash=${v3(name)?.hash}`
  return {
    v2: () => serve('v2', () => mergedDocuments(openApiV2(kinds, own, kept.v2), others)),
    v3Index: () =>
      serve('v3', () => ({
        paths: Object.fromEntries(
          Object.entries({ ...Object.fromEntries(names.map((name) => [name, address(name)])), ...elsewhere }).map(
            ([name, serverRelativeURL]) => [name, { serverRelativeURL }],
          ),
        ),
      })),
    v3,
  }
}

function served(value: unknown): ServedDocument {
  const text = JSON.stringify(value)
  return { text, hash: contentHash(text) }
}

/** 128 bits of FNV-like mixing in hexadecimal: tells contents apart, keeps no secret. */
export function contentHash(text: string): string {
  const lanes = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]
  for (let at = 0; at < text.length; at += 1) {
    const lane = at & 3
    lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ text.charCodeAt(at), 0x01000193) + ((lanes[(lane + 1) & 3] ?? 0) >>> 7)
  }
  return lanes
    .map((lane) => (lane >>> 0).toString(16).padStart(8, '0'))
    .join('')
    .toUpperCase()
}
