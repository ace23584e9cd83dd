import { dnsLabelErrors, dnsSubdomainErrors } from '../api/validation/names.ts'
import { type Implementation, type Implementations, noSuchOverload, text } from './implementation.ts'
import { type CelType, structType } from './type.ts'
import { CelError, type CelObject, type Outcome, type Value } from './value.ts'

/** Who may do what: the questions that an expression asks by `authorizer`. */

export type AccessQuestion = Readonly<{
  verb: string
  /** Of a request that is for no resource. */
  path?: string
  resource?: AskedResource
  /** Asked for this account instead of the user of the request. */
  serviceAccount?: Readonly<{ namespace: string; name: string }>
}>

export type AskedResource = Readonly<{
  group: string
  resource: string
  subresource: string
  namespace: string
  name: string
  fieldSelector: string
  labelSelector: string
}>

export type AccessAnswer = Readonly<{ allowed: boolean; reason: string; error?: string }>
export type AskAccess = (question: AccessQuestion) => AccessAnswer

type Subject = Readonly<{ ask: AskAccess; serviceAccount?: Readonly<{ namespace: string; name: string }> }>

abstract class Asked implements CelObject {
  abstract readonly celType: CelType
  equals(other: Value): boolean {
    return this === other
  }
}

export class CelAuthorizer extends Asked {
  readonly celType = structType('kubernetes.authorization.Authorizer')
  readonly subject: Subject
  constructor(subject: Subject) {
    super()
    this.subject = subject
  }
}

class PathCheck extends Asked {
  readonly celType = structType('kubernetes.authorization.PathCheck')
  readonly subject: Subject
  readonly path: string
  constructor(subject: Subject, path: string) {
    super()
    this.subject = subject
    this.path = path
  }
}

class GroupCheck extends Asked {
  readonly celType = structType('kubernetes.authorization.GroupCheck')
  readonly subject: Subject
  readonly group: string
  constructor(subject: Subject, group: string) {
    super()
    this.subject = subject
    this.group = group
  }
}

export class ResourceCheck extends Asked {
  readonly celType = structType('kubernetes.authorization.ResourceCheck')
  readonly subject: Subject
  readonly resource: AskedResource
  constructor(subject: Subject, resource: AskedResource) {
    super()
    this.subject = subject
    this.resource = resource
  }
}

class Decision extends Asked {
  readonly celType = structType('kubernetes.authorization.Decision')
  readonly answer: AccessAnswer
  constructor(answer: AccessAnswer) {
    super()
    this.answer = answer
  }
}

function on<T extends Asked>(
  type: new (...args: never[]) => T,
  run: (it: T, argument: string) => Outcome,
): Implementation {
  return (it, argument) => (it instanceof type ? run(it, text(argument)) : noSuchOverload)
}

function narrowed(field: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector'): Implementation {
  return on(
    ResourceCheck,
    ({ subject, resource }, value) => new ResourceCheck(subject, { ...resource, [field]: value }),
  )
}

function decide({ ask, serviceAccount }: Subject, question: AccessQuestion): Outcome {
  return new Decision(ask(serviceAccount === undefined ? question : { ...question, serviceAccount }))
}

export const authorizerFunctions: Implementations = {
  authorizer_path: on(CelAuthorizer, ({ subject }, path) =>
    path.trim() === '' ? new CelError('path must not be empty') : new PathCheck(subject, path),
  ),
  authorizer_group: on(CelAuthorizer, ({ subject }, group) => new GroupCheck(subject, group)),
  authorizer_serviceaccount: (it, namespace, name) => {
    if (!(it instanceof CelAuthorizer)) return noSuchOverload
    if (dnsSubdomainErrors(text(name)).length > 0) return new CelError('Invalid service account name')
    if (dnsLabelErrors(text(namespace)).length > 0) return new CelError('Invalid service account namespace')
    return new CelAuthorizer({ ...it.subject, serviceAccount: { namespace: text(namespace), name: text(name) } })
  },
  groupcheck_resource: on(GroupCheck, ({ subject, group }, resource) => {
    if (resource.trim() === '') return new CelError('resource must not be empty')
    const rest = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' }
    return new ResourceCheck(subject, { group, resource, ...rest })
  }),
  resourcecheck_subresource: narrowed('subresource'),
  resourcecheck_namespace: narrowed('namespace'),
  resourcecheck_name: narrowed('name'),
  authorizer_fieldselector: narrowed('fieldSelector'),
  authorizer_labelselector: narrowed('labelSelector'),
  pathcheck_check: on(PathCheck, ({ subject, path }, verb) => decide(subject, { verb, path })),
  resourcecheck_check: on(ResourceCheck, ({ subject, resource }, verb) => decide(subject, { verb, resource })),
  decision_allowed: on(Decision, ({ answer }) => answer.allowed),
  decision_reason: on(Decision, ({ answer }) => answer.reason),
  decision_errored: on(Decision, ({ answer }) => answer.error !== undefined),
  decision_error: on(Decision, ({ answer }) => answer.error ?? ''),
}
