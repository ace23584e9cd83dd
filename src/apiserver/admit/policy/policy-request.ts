import { parseFieldSelector } from '../../../api/field-selector.ts'
import { type Kind, kinds } from '../../../api/kinds.ts'
import { parseRequirements } from '../../../api/label-selector-parser.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { AccessQuestion, AskAccess, AskedResource } from '../../../cel/authorizer.ts'
import type { PolicyInput } from '../../../cel/policies/policy-input.ts'
import type { Store } from '../../../store/store.ts'
import type { LocalAuthorizer, Wish } from '../../authorize/decision.ts'
import type { User } from '../../call.ts'
import { notFound, storeKey } from '../../resource.ts'
import type { Attributes } from '../admission.ts'
import { admissionRequest, type Reviewed } from '../webhook/admission-review.ts'
import { namespaceOf } from '../webhook/hook-match.ts'

export type RequestParts = Readonly<{ store: Store; authorizer: LocalAuthorizer }>

/** What the expressions of a policy get to see of a request. */
export function policyInput(
  parts: RequestParts,
  attributes: Attributes,
  reviewed: Reviewed,
  param: ApiObject | undefined,
  namespace: ApiObject | undefined,
): PolicyInput {
  const { object, oldObject, uid: _uid, ...request } = admissionRequest('', attributes, reviewed)
  return {
    object,
    oldObject,
    params: param ?? null,
    request,
    namespaceObject: namespace === undefined ? null : namespaceView(namespace),
    access: {
      ask: askAccess(parts.authorizer, attributes.user),
      resource: requestResource(attributes, reviewed.object),
    },
  }
}

/** The namespace of the request, which every request for something in one has. */
export function requestNamespace(
  { store }: RequestParts,
  attributes: Attributes,
  object: ApiObject,
): Result<ApiObject | undefined, Refusal> {
  const isNamespace = attributes.kind.typeName === kinds.namespaces.typeName
  const name = isNamespace ? '' : namespaceOf(attributes, object)
  if (name === '') return ok(undefined)
  const found = store.get(storeKey(kinds.namespaces, '', name))
  return found === undefined ? fail(notFound(kinds.namespaces, name)) : ok(found.object)
}

/** Who manages its fields is nobody's business. */
function namespaceView({ metadata: { managedFields: _, ...metadata }, spec, status }: ApiObject) {
  return { metadata, spec: spec ?? {}, status: status ?? {} }
}

function requestResource(attributes: Attributes, object: ApiObject): AskedResource {
  const { kind, name, subresource = '' } = attributes
  return {
    group: kind.group,
    resource: kind.plural,
    subresource,
    namespace: namespaceOf(attributes, object),
    name,
    fieldSelector: '',
    labelSelector: '',
  }
}

export function askAccess(authorizer: LocalAuthorizer, user: User): AskAccess {
  return (question) => {
    const { verdict, reason, error } = authorizer.authorize(askedUser(question, user), wishOf(question))
    return { allowed: verdict === 'allow', reason, ...(error === undefined ? {} : { error }) }
  }
}

function askedUser({ serviceAccount }: AccessQuestion, user: User): User {
  if (serviceAccount === undefined) return user
  const { namespace, name } = serviceAccount
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  return { name: `system:serviceaccount:${namespace}:${name}`, groups }
}

function wishOf({ verb, path = '', resource }: AccessQuestion): Wish {
  const nothing = { group: '', resource: '', subresource: '', name: '', namespace: '' }
  if (resource === undefined) return { isResource: false, verb, path, ...nothing }
  const { fieldSelector, labelSelector, ...asked } = resource
  const fields = fieldSelector === '' ? undefined : parseFieldSelector(fieldSelector)
  const labels = labelSelector === '' ? undefined : parseRequirements(labelSelector)
  return {
    isResource: true,
    verb,
    path: '',
    version: '*',
    ...asked,
    ...(fields?.ok ? { fieldSelector: fields.value } : {}),
    ...(labels?.ok ? { labelSelector: labels.value } : {}),
  }
}

/** The request as a policy for this kind sees it. */
export function isSameKind(a: Kind, b: Kind): boolean {
  return a.group === b.group && a.version === b.version && a.plural === b.plural
}
