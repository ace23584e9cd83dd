import type { View } from './case.ts'
import type { Plain } from './normalise.ts'

type Pair = readonly [original: Plain, coracle: Plain]

/** The part of two answers that a step wants compared. */
export function viewed(view: View | undefined, [original, coracle]: Pair): Pair {
  switch (view) {
    case undefined:
      return [original, coracle]
    case 'status':
      return [withBody(original, undefined), withBody(coracle, undefined)]
    case 'keys':
      return [withBody(original, keysOf(original.body)), withBody(coracle, keysOf(coracle.body))]
    case 'shared':
      return [withBody(original, shared(original.body, coracle.body)), coracle]
  }
}

function withBody(plain: Plain, body: unknown): Plain {
  return { ...plain, body }
}

function keysOf(body: unknown): readonly string[] {
  return typeof body === 'object' && body !== null ? Object.keys(body).sort() : []
}

/** The original without the listed things that Coracle has nothing of that name for. */
function shared(original: unknown, coracle: unknown): unknown {
  if (Array.isArray(original) && Array.isArray(coracle)) {
    const others = new Map(coracle.map((one) => [identity(one), one] as const))
    return original.flatMap((one) => (others.has(identity(one)) ? [shared(one, others.get(identity(one)))] : []))
  }
  if (!isRecord(original) || !isRecord(coracle)) return original
  return Object.fromEntries(Object.entries(original).map(([key, one]) => [key, shared(one, coracle[key])]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function identity(value: unknown): string {
  if (!isRecord(value)) return JSON.stringify(value)
  const { name, metadata, resource, subresource, version, responseKind, kind } = value
  return JSON.stringify([
    name,
    isRecord(metadata) ? metadata.name : undefined,
    resource,
    subresource,
    version ?? responseKind ?? kind,
  ])
}
