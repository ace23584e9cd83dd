import { decodeBase64 } from '../../api/base64.ts'
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Secret } from '../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { fieldValue, type PodFacts, resourceValue } from '../downward-field.ts'
import type { KubeletPod } from '../pod-containers.ts'

export type ProjectedFile = Readonly<{ content: Uint8Array; mode: number; uid?: number }>

/** Files of a volume by their path within it. */
export type Payload = ReadonlyMap<string, ProjectedFile>

type Options = Readonly<{ items?: readonly KeyToPath[]; defaultMode: number; optional: boolean }>

const text = new TextEncoder()

/** All keys as files, or the items that are asked for. The error is worded as the original's. */
export function configMapPayload(configMap: ConfigMap, options: Options): Result<Payload, string> {
  const data = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(configMap.data ?? {})) data.set(key, text.encode(value))
  for (const [key, value] of Object.entries(configMap.binaryData ?? {})) data.set(key, decodeBase64(value))
  return selected(data, options, (key) => `configmap references non-existent config key: ${key}`)
}

export function secretPayload(secret: Secret, options: Options): Result<Payload, string> {
  const data = new Map(Object.entries(secret.data ?? {}).map(([key, value]) => [key, decodeBase64(value)]))
  return selected(data, options, (key) => `references non-existent secret key: ${key}`)
}

function selected(
  data: ReadonlyMap<string, Uint8Array>,
  { items, defaultMode, optional }: Options,
  missing: (key: string) => string,
): Result<Payload, string> {
  if (items === undefined || items.length === 0)
    return ok(new Map([...data].map(([key, content]) => [key, { content, mode: defaultMode }])))
  const payload = new Map<string, ProjectedFile>()
  for (const { key, path, mode } of items) {
    const content = data.get(key)
    if (content !== undefined) payload.set(path, { content, mode: mode ?? defaultMode })
    else if (!optional) return fail(missing(key))
  }
  return ok(payload)
}

export function downwardPayload(
  pod: KubeletPod,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  facts: PodFacts,
): Result<Payload, string> {
  const payload = new Map<string, ProjectedFile>()
  for (const { path, mode, fieldRef, resourceFieldRef } of items) {
    const value =
      fieldRef !== undefined
        ? fieldValue(pod, fieldRef, facts)
        : resourceFieldRef !== undefined
          ? resourceValue(pod, undefined, resourceFieldRef, facts)
          : ok('')
    if (!value.ok) return value
    payload.set(path, { content: text.encode(value.value), mode: mode ?? defaultMode })
  }
  return ok(payload)
}

/** A path that leaves the volume, or that the layout itself uses; undefined when all are good. */
export function payloadFault(payload: Payload): string | undefined {
  for (const path of payload.keys()) {
    const parts = path.split('/')
    if (path === '') return 'invalid path: must not be empty string'
    if (path.startsWith('/')) return `invalid path: must be relative path: ${path}`
    if (parts.includes('..')) return `invalid path: must not contain '..': ${path}`
    if (parts[0]?.startsWith('..')) return `invalid path: must not start with '..': ${path}`
  }
  return undefined
}
