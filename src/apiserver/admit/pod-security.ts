import type { Namespace, Pod, PodTemplateSpec } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { CheckedPod } from '../../api/pod-security/check.ts'
import { formatLevel, type Policy, policyOf } from '../../api/pod-security/policy.ts'
import { detailsOf, violations } from '../../api/pod-security/standard.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../resource.ts'
import type { Attributes, Plugin } from './admission.ts'
import { namespaceSecurity } from './namespace-security.ts'

const prefix = 'pod-security.kubernetes.io/'

/** Pods keep to the Pod Security Standard that their namespace asks for by its labels (plugin PodSecurity). */
export function podSecurity(store: Store): Plugin {
  return {
    validate(attributes, object) {
      const { kind, operation } = attributes
      if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined
      const resource = groupResource(kind)
      if (resource === 'namespaces') return namespaceSecurity(store, attributes, object as Namespace)
      if (resource === 'pods') return judgePod(store, attributes, object)
      const template = attributes.subresource === undefined ? templates[resource]?.(object) : undefined
      return template === undefined ? undefined : judgeTemplate(store, attributes, template)
    },
  }
}

type Templated = Readonly<{ spec?: Readonly<{ template?: PodTemplateSpec }> }>

const ofSpec = (object: ApiObject): PodTemplateSpec | undefined => (object as Templated).spec?.template

/** Where the pods of other kinds are described. */
const templates: Readonly<Record<string, (object: ApiObject) => PodTemplateSpec | undefined>> = {
  replicationcontrollers: ofSpec,
  podtemplates: ({ template }) => template as PodTemplateSpec | undefined,
  'replicasets.apps': ofSpec,
  'deployments.apps': ofSpec,
  'statefulsets.apps': ofSpec,
  'daemonsets.apps': ofSpec,
  'jobs.batch': ofSpec,
  'cronjobs.batch': ({ spec }) =>
    (spec as Readonly<{ jobTemplate?: Templated }> | undefined)?.jobTemplate?.spec?.template,
}

/** What a pod is allowed to do does not change by these. */
const harmless = ['binding', 'eviction', 'status']

function judgePod(store: Store, attributes: Attributes, object: ApiObject): Refusal | undefined {
  const { subresource, operation, before } = attributes
  if (subresource !== undefined && harmless.includes(subresource)) return undefined
  const found = namespacePolicy(store, attributes)
  if (found === undefined) {
    return { reason: 'InternalError', message: `failed to lookup namespace ${JSON.stringify(attributes.namespace)}` }
  }
  const { policy, errors } = found
  const isFree = errors.length === 0 && Object.values(policy).every(({ level }) => level === 'privileged')
  if (isFree) attributes.annotate(`${prefix}enforce-policy`, 'privileged:latest')
  if (isFree) return undefined
  if (operation === 'UPDATE' && before !== undefined && !isSignificant(object as Pod, before as Pod)) return undefined
  return judge(attributes, found, checked(object as Pod), true)
}

/** Whoever describes pods is only told what they would violate. */
function judgeTemplate(store: Store, attributes: Attributes, template: PodTemplateSpec): undefined {
  const found = namespacePolicy(store, attributes)
  if (found === undefined) {
    attributes.annotate(`${prefix}error`, `failed to lookup namespace ${JSON.stringify(attributes.namespace)}`)
    return undefined
  }
  const { warn, audit } = found.policy
  const isFree = found.errors.length === 0 && warn.level === 'privileged' && audit.level === 'privileged'
  if (!isFree) judge(attributes, found, checked(template), false)
  return undefined
}

type Found = ReturnType<typeof policyOf>

function namespacePolicy(store: Store, { namespace }: Attributes): Found | undefined {
  const entry = store.get(storeKey(kinds.namespaces, '', namespace))
  return entry === undefined ? undefined : policyOf(entry.object.metadata.labels)
}

function checked({ metadata = {}, spec }: Pick<Pod, 'metadata' | 'spec'>): CheckedPod {
  return { metadata, spec: spec ?? { containers: [] } }
}

function judge(
  attributes: Attributes,
  { policy, errors }: Found,
  pod: CheckedPod,
  isEnforced: boolean,
): Refusal | undefined {
  const note = (key: string, value: string): void => attributes.annotate(`${prefix}${key}`, value)
  if (errors.length > 0) note('error', `Failed to parse policy: ${aggregate(errors)}`)
  if (isEnforced) note('enforce-policy', formatLevel(policy.enforce))
  const refusal = isEnforced ? verdict(policy, 'enforce', pod) : undefined
  const noted = verdict(policy, 'audit', pod)
  if (noted !== undefined) note('audit-violations', `would violate ${noted}`)
  if (refusal !== undefined) {
    const resource = groupResource(attributes.kind)
    return { reason: 'Forbidden', resource, name: attributes.name, message: `violates ${refusal}` }
  }
  const warning = verdict(policy, 'warn', pod)
  if (warning !== undefined) attributes.warn(`would violate ${warning}`)
  return undefined
}

function verdict(policy: Policy, mode: keyof Policy, pod: CheckedPod): string | undefined {
  const found = violations(policy[mode], pod)
  return found.length === 0
    ? undefined
    : `PodSecurity ${JSON.stringify(formatLevel(policy[mode]))}: ${detailsOf(found)}`
}

function aggregate(errors: readonly FieldError[]): string {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

/** Of what can change in a pod, images and additional containers matter. */
function isSignificant({ spec }: Pod, { spec: had }: Pod): boolean {
  type Imaged = readonly Readonly<{ name: string; image?: string }>[] | undefined
  const differs = (now: Imaged = [], before: Imaged = []): boolean =>
    now.length !== before.length || now.some(({ image }, at) => image !== before[at]?.image)
  if (differs(spec?.containers, had?.containers) || differs(spec?.initContainers, had?.initContainers)) return true
  const known = had?.ephemeralContainers ?? []
  return (spec?.ephemeralContainers ?? []).some(({ name, image }) => {
    const before = known.find((one) => one.name === name)
    return before === undefined || before.image !== image
  })
}
