import { isJsonObject, type JsonObject } from '../json-value.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Schema } from '../schema.ts'
import { typeErrors } from './check-config.ts'
import { compareObjects } from './compare.ts'
import { difference, type FieldSet } from './field-set.ts'
import { fieldSetOf } from './field-set-of.ts'

/** Where kubectl's client-side apply keeps what it has applied. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** Kubernetes' limit on all annotations of an object together. */
const maxAnnotationBytes = 256 * 1024

type Migration = Readonly<{ schema: Schema; kind: Kind; live?: ApiObject; config: JsonObject; manager: string }>

/**
 * Fields that kubectl's server-side apply may take from anyone: those its client-side apply has set and that still have those values.
 * undefined: there is no such annotation, or it says nothing.
 */
export function allowedConflicts({ schema, kind, live }: Migration): FieldSet | undefined {
  const text = live?.metadata.annotations?.[annotation]
  if (live === undefined || text === undefined || text === '') return undefined
  const lastApplied = parse(text)
  if (lastApplied === undefined || lastApplied.apiVersion !== apiVersionOf(kind)) return undefined
  if (typeErrors(schema, kind.typeName, lastApplied, 'refused') !== undefined) return undefined
  if (typeErrors(schema, kind.typeName, live, 'refused') !== undefined) return undefined
  const compared = compareObjects(schema, kind.typeName, lastApplied, live, {})
  const own = fieldSetOf(schema, kind.typeName, lastApplied)
  return difference(difference(own, compared.changed), compared.removed)
}

function parse(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Keeps the annotation in step with kubectl's server-side apply, so that client-side apply still works afterwards. */
export function syncLastApplied({ config, manager }: Migration, object: ApiObject): ApiObject {
  const annotations = object.metadata.annotations
  if (manager !== 'kubectl' || !annotations?.[annotation]) return object
  const synced = { ...annotations, [annotation]: `${JSON.stringify(sortKeys(withoutAnnotation(config)))}\n` }
  if (totalBytes(synced) > maxAnnotationBytes) delete (synced as Record<string, string>)[annotation]
  return { ...object, metadata: { ...object.metadata, annotations: synced } }
}

function withoutAnnotation(config: JsonObject): JsonObject {
  const { metadata } = config
  if (!isJsonObject(metadata) || !isJsonObject(metadata.annotations)) return config
  const { [annotation]: _, ...annotations } = metadata.annotations
  const { annotations: __, ...rest } = metadata
  return { ...config, metadata: Object.keys(annotations).length === 0 ? rest : { ...rest, annotations } }
}

/** Go writes the keys of an unstructured object in order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  )
}

const encoder = new TextEncoder()

function totalBytes(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + encoder.encode(key).length + encoder.encode(value).length,
    0,
  )
}
