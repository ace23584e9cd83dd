import { trackUpdate } from '../../api/apply/track-update.ts'
import type {
  BoundObjectReference,
  Pod,
  AuthenticationV1TokenRequest as TokenRequestObject,
} from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { schema } from '../../api/schema-reader.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Admission, Attributes } from '../admit/admission.ts'
import type { ServiceAccountTokens, TokenRequest } from '../authenticate/service-account-token.ts'
import type { Answer, Call } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { writeOptions } from '../handle/write-options.ts'
import { writerOf } from '../handle/writing.ts'
import { conflict, notFound, storeKey } from '../resource.ts'
import { bodyTypes } from './body-types.ts'

export type TokenParts = Readonly<{
  store: Store
  clock: Clock
  accountTokens: ServiceAccountTokens
  audience: string
  admission: Admission
}>

const defaultSeconds = 3600
const leastSeconds = 600
const mostSeconds = 2 ** 32

/** POST serviceaccounts/NAME/token. */
export async function requestToken(parts: TokenParts, call: Call): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, bodyTypes.tokenRequest, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const { name, namespace } = call.info
  const misnamed = nameRefusal(decoded.value, name, namespace)
  if (misnamed !== undefined) return fail(misnamed)
  const writer = writerOf(call, kinds.serviceAccounts, options.value, 'token')
  const attributes: Attributes = { ...writer, body: bodyTypes.tokenRequest, operation: 'CREATE', name }
  const mutated = await parts.admission.mutate(attributes, decoded.value)
  if (!mutated.ok) return mutated
  const account = parts.store.get(storeKey(kinds.serviceAccounts, namespace, name))?.object
  if (account === undefined) return fail(notFound(kinds.serviceAccounts, name))
  const otherUid = uidRefusal(mutated.value, account)
  if (otherUid !== undefined) return fail(otherUid)
  const request = mutated.value as unknown as TokenRequestObject
  // What is not given is decoded as Go does: null.
  const { audiences, boundObjectRef } = request.spec ?? {}
  const expirationSeconds = request.spec?.expirationSeconds || defaultSeconds
  const errors = expirationErrors(expirationSeconds)
  if (errors.length > 0) {
    return fail({ reason: 'Invalid', group: 'authentication.k8s.io', kind: 'TokenRequest', name: '', errors })
  }
  const refusal = await parts.admission.validate(attributes, mutated.value)
  if (refusal !== undefined) return fail(refusal)
  const bound = boundTo(parts.store, namespace, name, boundObjectRef)
  if (!bound.ok) return bound
  const meant = audiences?.length ? audiences : [parts.audience]
  const serviceAccount = { name, uid: account.metadata.uid ?? '' }
  const issued = parts.accountTokens.issue({
    namespace,
    serviceAccount,
    ...bound.value,
    audiences: meant,
    expirationSeconds,
  })
  call.annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${issued.id}`)
  const spec = { ...request.spec, audiences: meant, expirationSeconds, boundObjectRef: boundObjectRef ?? null }
  const status = { token: issued.token, expirationTimestamp: timestampOf(issued.expiresAtMs) }
  const { uid, creationTimestamp } = account.metadata
  const type = bodyTypes.tokenRequest as Kind
  const managedFields = trackUpdate({
    schema,
    kind: type,
    before: { ...unset, status: mutated.value.status } as ApiObject,
    after: { ...mutated.value, spec: { ...request.spec, expirationSeconds } } as ApiObject,
    manager: options.value.fieldManager,
    subresource: 'token',
    nowMs: parts.clock.nowMs(),
  })
  const metadata = { name, namespace, uid, creationTimestamp, ...(managedFields && { managedFields }) }
  const object = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec, status }
  return ok({ type: 'review', object: object as unknown as ApiObject })
}

/** A request in which nothing is said: fields that are always written, as null, belong to nobody for being there. */
const unset = { metadata: {}, spec: { audiences: null, boundObjectRef: null } } as unknown as ApiObject

function nameRefusal({ metadata }: ApiObject, account: string, namespace: string): Refusal | undefined {
  const { name = '', namespace: given = '' } = metadata
  if (name !== '' && name !== account) {
    const message = `Invalid value: ${JSON.stringify(name)}: must match the service account name if specified`
    const errors: FieldError[] = [{ reason: 'FieldValueInvalid', field: 'metadata.name', message }]
    return { reason: 'Invalid', group: 'authentication.k8s.io', kind: 'TokenRequest', name: account, errors }
  }
  if (given === '' || given === namespace) return undefined
  return {
    reason: 'BadRequest',
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  }
}

/** A request for a service account of the same name that was there before. */
function uidRefusal({ metadata }: ApiObject, account: ApiObject): Refusal | undefined {
  const [asked = '', actual = ''] = [metadata.uid, account.metadata.uid]
  if (asked === '' || asked === actual) return undefined
  const message = `the UID in the token request (${asked}) does not match the UID of the service account (${actual})`
  const subject = { group: 'authentication.k8s.io', plural: 'TokenRequest' }
  return conflict(subject, account.metadata.name ?? '', message)
}

function expirationErrors(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds'
  if (seconds < leastSeconds) {
    const message = `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`
    return [{ reason: 'FieldValueInvalid', field, message }]
  }
  if (seconds <= mostSeconds) return []
  const message = `Invalid value: ${seconds}: may not specify a duration larger than 2^32 seconds`
  return [{ reason: 'FieldValueInvalid', field, message }]
}

type Bound = Pick<TokenRequest, 'bound' | 'node'>

const boundKinds: Readonly<Record<string, readonly [NonNullable<TokenRequest['bound']>['type'], Kind]>> = {
  'v1 Pod': ['pod', kinds.pods],
  'v1 Secret': ['secret', kinds.secrets],
  'v1 Node': ['node', kinds.nodes],
}

function boundTo(
  store: Store,
  namespace: string,
  account: string,
  ref: BoundObjectReference | undefined | null,
): Result<Bound, Refusal> {
  if (ref === undefined || ref === null) return ok({})
  const { apiVersion = 'v1', kind: kindName = '', name = '', uid = '' } = ref
  const [type, kind] = boundKinds[`${apiVersion} ${kindName}`] ?? []
  if (type === undefined || kind === undefined) {
    return fail({
      reason: 'BadRequest',
      message: `cannot bind token to object of type /${apiVersion}, Kind=${kindName}`,
    })
  }
  const object = store.get(storeKey(kind, namespace, name))?.object
  if (object === undefined) return fail(notFound(kind, name))
  const actual = object.metadata.uid ?? ''
  if (uid !== '' && uid !== actual) {
    const message = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    // The original names the kind here, not the resource.
    return fail(conflict({ group: '', plural: kindName }, name, message))
  }
  const bound = { type, name, uid: actual }
  if (type !== 'pod') return ok({ bound })
  const { spec } = object as Pod
  if (spec?.serviceAccountName !== account) {
    const why = `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`
    return fail({ reason: 'BadRequest', message: why })
  }
  return ok({ bound, ...nodeOf(store, spec.nodeName) })
}

function nodeOf(store: Store, name: string | undefined): Pick<TokenRequest, 'node'> {
  if (name === undefined || name === '') return {}
  const uid = store.get(storeKey(kinds.nodes, '', name))?.object.metadata.uid
  return { node: uid === undefined ? { name } : { name, uid } }
}
