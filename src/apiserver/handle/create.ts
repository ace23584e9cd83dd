import { trackUpdate } from '../../api/apply/track-update.ts'
import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Entry } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { generatedName, newUid, timestamp, withMeta } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import { preparedCreate } from '../strategy/strategy.ts'
import { decodeRequest } from './body.ts'
import { writeOptions } from './write-options.ts'
import { create, invalid, type WriteParts, type Writer } from './writing.ts'

export async function createObject(parts: WriteParts, kind: Kind, call: Call): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, kind, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const { user, info } = call
  const { fieldManager, dryRun } = options.value
  const warn = (message: string): void => void call.warnings.push(message)
  const writer: Writer = { user, kind, namespace: info.namespace, fieldManager, dryRun, warn }
  const created = await storeNew(parts, writer, decoded.value)
  return created.ok ? ok({ type: 'entry', status: 201, kind, entry: created.value }) : created
}

/** A decoded object becomes a stored one: defaults, admission, what the server sets, validation. */
export function storeNew(parts: WriteParts, writer: Writer, decoded: ApiObject): Promise<Result<Entry, Refusal>> {
  const scoped = inNamespace(writer, decoded)
  if (!scoped.ok) return Promise.resolve(scoped)
  return storeTracked(parts, writer, tracked(parts, writer, applyDefaults(writer.kind, scoped.value)))
}

/** From admission on: also for objects that server-side apply makes. A taken generated name is drawn anew, as often as Kubernetes does. */
export async function storeTracked(
  parts: WriteParts,
  writer: Writer,
  object: ApiObject,
  triesLeft = 7,
): Promise<Result<Entry, Refusal>> {
  const attempt = await storeOnce(parts, writer, object)
  const isTaken = !attempt.ok && attempt.error.reason === 'AlreadyExists'
  const isGenerated = (object.metadata.name ?? '') === '' && (object.metadata.generateName ?? '') !== ''
  if (!isTaken || !isGenerated) return attempt
  return triesLeft > 0 ? storeTracked(parts, writer, object, triesLeft - 1) : attempt
}

async function storeOnce(parts: WriteParts, writer: Writer, object: ApiObject): Promise<Result<Entry, Refusal>> {
  const { kind, namespace } = writer
  const named = withSystemMeta(parts, writer, object)
  const name = named.metadata.name ?? ''
  const admitted = parts.admission({ ...writer, operation: 'CREATE', name }, named)
  if (!admitted.ok) return admitted
  const claim = parts.claims(kind, preparedCreate(kind, admitted.value), undefined)
  if (!claim.ok) return claim
  const errors = parts.validateCreate(kind, claim.value.object)
  if (errors.length > 0) {
    claim.value.undo()
    return fail(invalid(kind, name, errors))
  }
  if ((object.metadata.resourceVersion ?? '') !== '') {
    claim.value.undo()
    return fail(versionOnCreate)
  }
  return create(parts, writer, storeKey(kind, namespace, name), claim.value)
}

const versionOnCreate: Refusal = {
  reason: 'Passed',
  status: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'resourceVersion should not be set on objects to be created',
    code: 500,
  },
}

/** An object's namespace is that of the request: it may be left out, but not differ. At the cluster scope it is ignored. */
export function inNamespace(
  { kind, namespace }: Pick<Writer, 'kind' | 'namespace'>,
  object: ApiObject,
): Result<ApiObject, Refusal> {
  const given = object.metadata.namespace ?? ''
  const wanted = kind.namespaced ? namespace : ''
  if (given === wanted) return ok(object)
  if (given === '') return ok(withMeta(object, { namespace: wanted }))
  if (wanted === '') return ok(withMeta(object, { namespace: '' }))
  const message = 'the namespace of the provided object does not match the namespace sent on the request'
  return fail({ reason: 'BadRequest', message })
}

function tracked(parts: WriteParts, writer: Writer, object: ApiObject): ApiObject {
  const { managedFields: _, ...metadata } = object.metadata
  const entries = trackUpdate({
    schema: parts.schema,
    kind: writer.kind,
    after: withoutDeletion(object),
    manager: writer.fieldManager,
    nowMs: parts.clock.nowMs(),
  })
  return { ...object, metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries } }
}

/** A new object is not being deleted, whatever it says: nobody owns that it is. */
function withoutDeletion(object: ApiObject): ApiObject {
  const { deletionTimestamp: _1, deletionGracePeriodSeconds: _2, ...metadata } = object.metadata
  return { ...object, metadata }
}

function withSystemMeta({ clock, random }: WriteParts, _writer: Writer, object: ApiObject): ApiObject {
  const { deletionTimestamp: _1, deletionGracePeriodSeconds: _2, selfLink: _3, ...given } = object.metadata
  const { generateName = '', name = '' } = given
  const metadata = {
    ...given,
    ...(name === '' && generateName !== '' ? { name: generatedName(generateName, random) } : {}),
    uid: newUid(random),
    creationTimestamp: timestamp(clock.nowMs()),
  }
  return { ...object, metadata }
}
