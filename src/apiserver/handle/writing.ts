import { equalJson } from '../../api/json-value.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Schema } from '../../api/schema.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import type { Committed, Entry, Store, WriteError } from '../../store/store.ts'
import type { Admission } from '../admit/admission.ts'
import type { User } from '../call.ts'
import { stamped } from '../object-meta.ts'
import { conflict, notFound, objectModified } from '../resource.ts'

/** Something held for an object until its write has succeeded or not: a Service's addresses. */
export type Claim = Readonly<{ object: ApiObject; undo(): void }>

/** Reserves what an object needs from a pool, and fills it in. */
export type Claims = (kind: Kind, after: ApiObject, before: ApiObject | undefined) => Result<Claim, Refusal>

export type WriteParts = Readonly<{
  store: Store
  clock: Clock
  random: Random
  schema: Schema
  log: Log
  admission: Admission
  claims: Claims
  validateCreate: (kind: Kind, object: ApiObject) => readonly FieldError[]
  validateUpdate: (kind: Kind, after: ApiObject, before: ApiObject, subresource?: string) => readonly FieldError[]
}>

/** Who writes what, for admission and field managers. */
export type Writer = Readonly<{
  user: User
  kind: Kind
  namespace: string
  fieldManager: string
  dryRun: boolean
  subresource?: string
  /** Told to the client besides the answer. */
  warn(message: string): void
}>

export function invalid(kind: Kind, name: string, errors: readonly FieldError[]): Refusal {
  return { reason: 'Invalid', group: kind.group, kind: kind.kind, name, errors }
}

/** Commits and waits until it is durable: nobody hears of a write before. Under dry run nothing is stored. */
export async function create(
  parts: WriteParts,
  writer: Writer,
  key: string,
  claim: Claim,
): Promise<Result<Entry, Refusal>> {
  const { kind, dryRun } = writer
  if (dryRun) {
    claim.undo()
    if (parts.store.head(key) !== undefined) return fail(writeRefusal(kind, claim.object, 'Exists'))
    return ok(unstored(key, claim.object, 0))
  }
  const ttl = kind.ttlSeconds === undefined ? {} : { ttlSeconds: kind.ttlSeconds }
  const committed = parts.store.commit({
    type: 'create',
    key,
    stamp: (revision) => stamped(claim.object, revision),
    ...ttl,
  })
  return settle(parts, writer, claim, committed)
}

/** A write that changes nothing is none: the stored version is the answer. */
export async function replace(
  parts: WriteParts,
  writer: Writer,
  before: Entry,
  claim: Claim,
): Promise<Result<Entry, Refusal>> {
  const { kind, dryRun } = writer
  if (isUnchanged(before.object, claim.object)) {
    claim.undo()
    await parts.store.flushed()
    return ok(before)
  }
  if (dryRun) {
    claim.undo()
    return ok(unstored(before.key, claim.object, before.revision))
  }
  const ttl = kind.ttlSeconds === undefined ? {} : { ttlSeconds: kind.ttlSeconds }
  const committed = parts.store.commit({
    type: 'update',
    key: before.key,
    revision: before.revision,
    stamp: (revision) => stamped(claim.object, revision),
    ...ttl,
  })
  return settle(parts, writer, claim, committed)
}

export async function remove(
  parts: WriteParts,
  writer: Writer,
  before: Entry,
  last: ApiObject,
): Promise<Result<Entry, Refusal>> {
  if (writer.dryRun) return ok(unstored(before.key, last, before.revision))
  const committed = parts.store.commit({
    type: 'delete',
    key: before.key,
    revision: before.revision,
    stamp: (revision) => stamped(last, revision),
  })
  return settle(parts, writer, { object: last, undo() {} }, committed)
}

async function settle(
  parts: WriteParts,
  { kind }: Writer,
  claim: Claim,
  committed: Result<Committed, WriteError>,
): Promise<Result<Entry, Refusal>> {
  if (!committed.ok) {
    claim.undo()
    return fail(writeRefusal(kind, claim.object, committed.error.reason))
  }
  try {
    await committed.value.durable
    return ok(committed.value.entry)
  } catch (error) {
    claim.undo()
    const message = error instanceof Error ? error.message : String(error)
    parts.log.error('a write could not be made durable', { key: committed.value.entry.key, error: message })
    return fail({ reason: 'InternalError', message: `the write could not be stored: ${message}` })
  }
}

function writeRefusal(kind: Kind, object: ApiObject, reason: WriteError['reason']): Refusal {
  const name = object.metadata.name ?? ''
  switch (reason) {
    case 'Exists':
      return { reason: 'AlreadyExists', group: kind.group, resource: kind.plural, name }
    case 'Conflict':
      return conflict(kind, name, objectModified)
    case 'NotFound':
      return notFound(kind, name)
  }
}

function isUnchanged(before: ApiObject, after: ApiObject): boolean {
  const { metadata: metaBefore, ...restBefore } = before
  const { metadata: metaAfter, ...restAfter } = after
  const { resourceVersion: _before, ...keptBefore } = metaBefore
  const { resourceVersion: _after, ...keptAfter } = metaAfter
  return equalJson(keptBefore, keptAfter) && equalJson(restBefore, restAfter)
}

const encoder = new TextEncoder()

/** How an object would be after a write that is only tried. A new one has no resourceVersion. */
export function unstored(key: string, object: ApiObject, revision: number): Entry {
  const whole = stamped(object, revision)
  const { resourceVersion: _, ...metadata } = whole.metadata
  const shown = revision === 0 ? { ...whole, metadata } : whole
  return { key, object: shown, json: encoder.encode(JSON.stringify(shown)), revision, createRevision: revision }
}
