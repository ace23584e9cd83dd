import type { ObjectMeta, PodTemplateSpec, StatefulSetSpec, StatefulSetStatus } from '../kinds.generated.ts'
import { matchesLabels, selectorFromObject } from '../label-selector.ts'
import {
  child,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  nonNegative,
  notSupported,
  required,
  sameValue,
} from './field-error.ts'
import { validateLabelSelector, validateLabels } from './labels.ts'
import { dnsLabelErrors } from './names.ts'
import { validateAnnotations, validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateClaimSpec } from './persistent-volume-claim.ts'
import { validatePodTemplate } from './pod.ts'
import { above, amountOf, validateIntOrPercent, validateMostHundredPercent } from './workload.ts'

type Spec = Partial<StatefulSetSpec>
type AnySet = Readonly<{ metadata?: ObjectMeta; spec?: Spec; status?: Partial<StatefulSetStatus> }>

export function validateStatefulSet({ metadata = {}, spec = {} }: AnySet): Errors {
  return [...validateNewMeta(metadata, true, dnsLabelErrors), ...validateSpec(spec, 'all')]
}

const changeable = [
  'replicas',
  'template',
  'updateStrategy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
].concat('persistentVolumeClaimRetentionPolicy')
const fixed =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

export function validateStatefulSetUpdate({ metadata = {}, spec = {} }: AnySet, old: AnySet): Errors {
  // A template that is bad already may stay so.
  const isOldBad = validateSpec(old.spec ?? {}, 'update').length > 0
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...validateSpec(spec, isOldBad ? 'badTemplate' : 'update'),
    ...(sameValue(unchangeable(spec), unchangeable(old.spec ?? {})) ? [] : [forbidden('spec', fixed)]),
  ]
}

function unchangeable(spec: Spec): object {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !changeable.includes(field)))
}

/** What of the spec is looked at: what cannot change is not judged again. */
type Scope = 'all' | 'update' | 'badTemplate'

function validateSpec(spec: Spec, scope: Scope): Errors {
  const { template = {}, serviceName = '', volumeClaimTemplates = [], podManagementPolicy = '' } = spec
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  const retention = spec.persistentVolumeClaimRetentionPolicy
  return [
    ...validatePodManagement('spec.podManagementPolicy', podManagementPolicy),
    ...validateUpdateStrategy('spec.updateStrategy', spec.updateStrategy),
    ...(retention === undefined
      ? []
      : (['whenDeleted', 'whenScaled'] as const).flatMap((when) =>
          validateRetention(child('spec.persistentVolumeClaimRetentionPolicy', when), retention[when]),
        )),
    ...(scope === 'all'
      ? volumeClaimTemplates.flatMap((claim, at) =>
          validateClaimSpec(child(index('spec.volumeClaimTemplates', at), 'spec'), claim.spec ?? {}),
        )
      : []),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(scope === 'all' && serviceName !== ''
      ? invalidEach('spec.serviceName', serviceName, dnsLabelErrors(serviceName))
      : []),
    ...validateSelector(spec.selector),
    ...validateTemplate('spec.template', spec, scope),
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [
          forbidden(
            'spec.template.spec.activeDeadlineSeconds',
            'activeDeadlineSeconds in StatefulSet is not Supported',
          ),
        ]),
  ]
}

function validatePodManagement(field: string, policy: string): Errors {
  if (policy === '') return [required(field)]
  const known = policy === 'OrderedReady' || policy === 'Parallel'
  return known ? [] : [invalid(field, policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateUpdateStrategy(field: string, strategy: Spec['updateStrategy'] = {}): Errors {
  const { type = '', rollingUpdate } = strategy
  const path = child(field, 'rollingUpdate')
  const shown = rollingUpdate && {
    Partition: rollingUpdate.partition ?? 0,
    MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
  }
  switch (type) {
    case '':
      return [required(field)]
    case 'OnDelete':
      return rollingUpdate === undefined
        ? []
        : [invalid(path, shown, "only allowed for updateStrategy 'RollingUpdate'")]
    case 'RollingUpdate':
      return rollingUpdate === undefined ? [] : validateRollingUpdate(path, rollingUpdate)
    default: {
      const given = { Type: type, RollingUpdate: shown ?? null }
      return [invalid(field, given, "must be 'RollingUpdate' or 'OnDelete'")]
    }
  }
}

type RollingUpdate = NonNullable<NonNullable<Spec['updateStrategy']>['rollingUpdate']>

function validateRollingUpdate(field: string, { partition, maxUnavailable }: RollingUpdate): Errors {
  const path = child(field, 'maxUnavailable')
  return [
    ...nonNegative(child(field, 'partition'), partition),
    ...(maxUnavailable === undefined
      ? []
      : [
          ...validateIntOrPercent(path, maxUnavailable),
          ...(amountOf(maxUnavailable) === 0 ? [invalid(path, maxUnavailable, 'cannot be 0')] : []),
          ...validateMostHundredPercent(path, maxUnavailable),
        ]),
  ]
}

function validateRetention(field: string, policy = ''): Errors {
  return policy === 'Retain' || policy === 'Delete' ? [] : [notSupported(field, policy, ['Retain', 'Delete'])]
}

function validateSelector(selector: Spec['selector']): Errors {
  const path = 'spec.selector'
  if (selector === undefined) return [required(path)]
  const size = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length
  return [
    ...validateLabelSelector(path, selector),
    ...(size === 0 ? [invalid(path, selector, 'empty selector is invalid for statefulset')] : []),
  ]
}

/** The controller gives each pod its host name, its subdomain and its claims: those of the template do not count. */
function validateTemplate(field: string, spec: Spec, scope: Scope): Errors {
  const { selector, template = {} } = spec
  const parsed = selectorFromObject(selector)
  if (!parsed.ok) return [invalid('spec.selector', selector, '')]
  const { labels, annotations } = template.metadata ?? {}
  const isEmpty = selector !== undefined && (parsed.value ?? []).length === 0
  const matches = isEmpty || (selector !== undefined && matchesLabels(parsed.value, labels))
  return [
    ...(matches
      ? []
      : [invalid(child(field, 'metadata', 'labels'), labels, '`selector` does not match template `labels`')]),
    ...(scope === 'badTemplate' ? [] : validatePodTemplate(field, withIdentity(template, spec))),
    ...validateLabels(child(field, 'labels'), labels),
    ...validateAnnotations(child(field, 'annotations'), annotations),
  ]
}

function withIdentity(template: PodTemplateSpec, { volumeClaimTemplates = [] }: Spec): PodTemplateSpec {
  const { subdomain: _, hostname: _1, ...podSpec } = template.spec ?? { containers: [] }
  const claims = new Map(volumeClaimTemplates.map(({ metadata }) => [metadata?.name ?? '', metadata?.name ?? '']))
  if (claims.size === 0) return { ...template, spec: podSpec }
  const claimed = [...claims.keys()].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  const others = (podSpec.volumes ?? []).filter(({ name }) => !claims.has(name))
  return { ...template, spec: { ...podSpec, volumes: [...claimed, ...others] } }
}

export function validateStatefulSetStatusUpdate({ metadata = {}, status = {} }: AnySet, old: AnySet): Errors {
  const { replicas, readyReplicas, currentReplicas, updatedReplicas, availableReplicas, collisionCount } = status
  const counts = { replicas, readyReplicas, currentReplicas, updatedReplicas, availableReplicas }
  const before = old.status?.collisionCount
  return [
    ...Object.entries({ ...counts, observedGeneration: status.observedGeneration, collisionCount }).flatMap(
      ([name, value]) => nonNegative(child('status', name), value),
    ),
    ...above('status.readyReplicas', readyReplicas, replicas),
    ...above('status.currentReplicas', currentReplicas, replicas),
    ...above('status.updatedReplicas', updatedReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, replicas),
    ...above(
      'status.availableReplicas',
      availableReplicas,
      readyReplicas,
      'cannot be greater than status.readyReplicas',
    ),
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...(before !== undefined && (collisionCount ?? -1) < before
      ? [invalid('status.collisionCount', collisionCount ?? 0, 'cannot be decremented')]
      : []),
  ]
}
