import { trackUpdate } from '../../api/apply/track-update.ts'
import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { judgedKind } from '../../api/versioning.ts'
import { warningsOnCreate } from '../../api/warnings/warnings.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { withFields } from '../../api/with-fields.ts'
import type { Entry } from '../../store/store.ts'
import type { Attributes } from '../admit/admission.ts'
import type { Answer, Call } from '../call.ts'
import { generatedName, newUid, withMeta } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import { preparedCreate, type Writing } from '../strategy/strategy.ts'
import { toJudged } from '../versions/judged.ts'
import { schemaOf, trackedForm } from '../versions/managed.ts'
import { decodeRequest } from './body.ts'
import { mended, withOwnersOnce } from './mended.ts'
import { writeOptions } from './write-options.ts'
import { create, invalid, type WriteParts, type Writer, writerOf } from './writing.ts'

export async function createObject(parts: WriteParts, kind: Kind, call: Call): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, kind, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const writer = writerOf(call, kind, options.value)
  const created = await storeNew(parts, writer, decoded.value)
  return created.ok ? ok({ type: 'entry', status: 201, kind, entry: created.value }) : created
}

/** A decoded object becomes a stored one: defaults, admission, what the server sets, validation. */
export function storeNew(parts: WriteParts, writer: Writer, decoded: ApiObject): Promise<Result<Entry, Refusal>> {
  const scoped = inNamespace(writer, decoded)
  if (!scoped.ok) return Promise.resolve(scoped)
  const given = withOwnersOnce(withoutSystemMeta(applyDefaults(writer.kind, scoped.value)), writer.warn)
  return storeTracked(parts, writer, tracked(parts, writer, given))
}

/** From admission on: also for objects that server-side apply makes. */
export async function storeTracked(
  parts: WriteParts,
  writer: Writer,
  object: ApiObject,
): Promise<Result<Entry, Refusal>> {
  if (judgedKind(writer.kind) !== writer.kind) {
    const judged = await toJudged(writer, object)
    return judged.ok ? storeTracked(parts, judged.value.writer, judged.value.object) : judged
  }
  const attributes: Attributes = withFields(writer, { operation: 'CREATE', name: object.metadata.name ?? '' } as const)
  const eventual = parts.admission.mutate(attributes, object)
  const mutated = eventual instanceof Promise ? await eventual : eventual
  return mutated.ok ? storeNamed(parts, attributes, mended(object, mutated.value, writer.warn)) : mutated
}

/** A taken generated name is drawn anew, as often as Kubernetes does. */
async function storeNamed(
  parts: WriteParts,
  attributes: Attributes,
  object: ApiObject,
  triesLeft = 7,
): Promise<Result<Entry, Refusal>> {
  const attempt = await storeOnce(parts, attributes, withSystemMeta(parts, object))
  const isTaken = !attempt.ok && attempt.error.reason === 'AlreadyExists'
  const isGenerated = (object.metadata.name ?? '') === '' && (object.metadata.generateName ?? '') !== ''
  if (!isTaken || !isGenerated) return attempt
  return triesLeft > 0 ? storeNamed(parts, attributes, object, triesLeft - 1) : attempt
}

/** As apiserver's registry Store.Create. */
async function storeOnce(
  parts: WriteParts,
  attributes: Attributes,
  object: ApiObject,
): Promise<Result<Entry, Refusal>> {
  const { kind, namespace } = attributes
  const scoped = inNamespace(attributes, object)
  if (!scoped.ok) return scoped
  const prepared = preparedCreate(kind, scoped.value, writingOf(parts, attributes))
  const name = prepared.metadata.name ?? ''
  const claim = parts.claims(kind, prepared, undefined, attributes.dryRun)
  if (!claim.ok) return claim
  const errors = parts.validateCreate(kind, claim.value.object, attributes.requested)
  // A generated name is known by now.
  const judged = attributes.name === '' ? { ...attributes, name } : attributes
  const eventual =
    errors.length > 0 ? invalid(kind, name, errors) : parts.admission.validate(judged, claim.value.object)
  const refusal = eventual instanceof Promise ? await eventual : eventual
  if (refusal !== undefined) {
    claim.value.undo()
    return fail(refusal)
  }
  if ((object.metadata.resourceVersion ?? '') !== '') {
    claim.value.undo()
    return fail(versionOnCreate)
  }
  for (const warning of warningsOnCreate(kind, claim.value.object)) attributes.warn(warning)
  return create(parts, attributes, storeKey(kind, namespace, name), claim.value)
}

function writingOf({ clock, random }: WriteParts, { user }: Attributes): Writing {
  return { user, nowMs: clock.nowMs(), random }
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
  const entries = trackUpdate({
    schema: schemaOf(parts, writer.kind),
    kind: writer.kind,
    after: trackedForm(writer.kind, object),
    manager: writer.fieldManager,
    nowMs: parts.clock.nowMs(),
  })
  if (entries !== undefined) return withMeta(object, { managedFields: entries })
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

const systemMeta = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const

/** What the server alone says of an object, whatever a new one says. */
function withoutSystemMeta(object: ApiObject): ApiObject {
  if (systemMeta.every((field) => object.metadata[field] === undefined)) return object
  const {
    uid: _1,
    creationTimestamp: _2,
    deletionTimestamp: _3,
    deletionGracePeriodSeconds: _4,
    selfLink: _5,
    ...metadata
  } = object.metadata
  return { ...object, metadata }
}

function withSystemMeta({ clock, random }: WriteParts, object: ApiObject): ApiObject {
  const { generateName = '', name = '' } = object.metadata
  return withMeta(object, {
    ...(name === '' && generateName !== '' ? { name: generatedName(generateName, random) } : {}),
    uid: newUid(random),
    creationTimestamp: timestampOf(clock.nowMs()),
  })
}
