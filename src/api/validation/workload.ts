import type {
  Deployment,
  DeploymentSpec,
  DeploymentStatus,
  ObjectMeta,
  ReplicaSet,
  ReplicaSetSpec,
  ReplicaSetStatus,
} from '../kinds.generated.ts'
import { matchesLabels, selectorFromObject } from '../label-selector.ts'
import {
  child,
  type Errors,
  forbidden,
  immutable,
  invalid,
  nonNegative,
  notSupported,
  required,
} from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsSubdomainErrors, percentErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validatePodTemplate } from './pod.ts'

type Workload<S, T> = Readonly<{ metadata?: ObjectMeta; spec?: S; status?: T }>
type AnyDeployment = Workload<Partial<DeploymentSpec>, DeploymentStatus>
type AnyReplicaSet = Workload<Partial<ReplicaSetSpec>, Partial<ReplicaSetStatus>>

export function validateDeployment(deployment: Deployment): Errors {
  const { metadata = {}, spec = {} } = deployment as AnyDeployment
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateDeploymentSpec(spec)]
}

export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): Errors {
  const { metadata = {}, spec = {} } = deployment as AnyDeployment
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...validateDeploymentSpec(spec),
    ...immutable('spec.selector', spec.selector, old.spec?.selector),
  ]
}

function validateDeploymentSpec(spec: Partial<DeploymentSpec>): Errors {
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec
  const deadlinePath = 'spec.progressDeadlineSeconds'
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelectorAndTemplate(spec),
    ...validateStrategy('spec.strategy', spec.strategy),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative(deadlinePath, deadline),
    ...(deadline !== undefined && deadline <= minReadySeconds
      ? [invalid(deadlinePath, deadline, 'must be greater than minReadySeconds')]
      : []),
  ]
}

export function validateReplicaSet(replicaSet: ReplicaSet): Errors {
  const { metadata = {}, spec = {} } = replicaSet as AnyReplicaSet
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateReplicaSetSpec(spec)]
}

export function validateReplicaSetUpdate(replicaSet: ReplicaSet, old: ReplicaSet): Errors {
  const { metadata = {}, spec = {} } = replicaSet as AnyReplicaSet
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...validateReplicaSetSpec(spec),
    ...immutable('spec.selector', spec.selector, old.spec?.selector),
  ]
}

function validateReplicaSetSpec(spec: Partial<ReplicaSetSpec>): Errors {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelectorAndTemplate(spec),
  ]
}

function validateSelectorAndTemplate({ selector, template = {} }: Partial<ReplicaSetSpec>): Errors {
  const path = 'spec.selector'
  const size = Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length
  const parsed = selectorFromObject(selector)
  const templatePath = 'spec.template'
  const shown = [
    ...(selector === undefined ? [required(path)] : validateLabelSelector(path, selector)),
    ...(selector !== undefined && size === 0
      ? [invalid(path, selector, 'empty selector is invalid for deployment')]
      : []),
  ]
  if (!parsed.ok) return [...shown, invalid(path, selector, 'invalid label selector')]
  const { labels } = template.metadata ?? {}
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  // An empty selector selects everything, none at all nothing.
  const matches = selector !== undefined && (size === 0 || matchesLabels(parsed.value, labels))
  const labelsPath = child(templatePath, 'metadata', 'labels')
  return [
    ...shown,
    ...(matches ? [] : [invalid(labelsPath, labels, '`selector` does not match template `labels`')]),
    ...validatePodTemplate(templatePath, template),
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported(child(templatePath, 'spec', 'restartPolicy'), restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [
          forbidden(
            child(templatePath, 'spec', 'activeDeadlineSeconds'),
            'activeDeadlineSeconds in ReplicaSet is not Supported',
          ),
        ]),
  ]
}

function validateStrategy(field: string, strategy: DeploymentSpec['strategy']): Errors {
  const { type = '', rollingUpdate } = strategy ?? {}
  const path = child(field, 'rollingUpdate')
  if (type === 'Recreate') {
    if (rollingUpdate === undefined) return []
    return [forbidden(path, "may not be specified when strategy `type` is 'Recreate'")]
  }
  if (type !== 'RollingUpdate') {
    const rolling =
      rollingUpdate === undefined
        ? null
        : { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }
    return [notSupported(field, { Type: type, RollingUpdate: rolling }, ['Recreate', 'RollingUpdate'])]
  }
  if (rollingUpdate === undefined) return [required(path, 'this should be defaulted and never be nil')]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const unavailablePath = child(path, 'maxUnavailable')
  return [
    ...validateIntOrPercent(unavailablePath, maxUnavailable),
    ...validateIntOrPercent(child(path, 'maxSurge'), maxSurge),
    ...(amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
      ? [invalid(unavailablePath, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...validateMostHundredPercent(unavailablePath, maxUnavailable),
  ]
}

export function validateIntOrPercent(field: string, value: number | string): Errors {
  if (typeof value === 'number') return nonNegative(field, value)
  return percentErrors(value).map((message) => invalid(field, value, message))
}

export function validateMostHundredPercent(field: string, value: number | string): Errors {
  const isPercent = typeof value === 'string' && percentErrors(value).length === 0
  return isPercent && amountOf(value) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : []
}

/** As strconv.Atoi: what is no number counts as 0. */
export function amountOf(value: number | string): number {
  if (typeof value === 'number') return value
  const text = value.endsWith('%') ? value.slice(0, -1) : value
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : 0
}

const tooMany = 'cannot be greater than status.replicas'

export function above(field: string, value = 0, most = 0, detail = tooMany): Errors {
  return value > most ? [invalid(field, value, detail)] : []
}

export function validateDeploymentStatusUpdate(deployment: Deployment, old: Deployment): Errors {
  const { metadata = {}, status = {} } = deployment as AnyDeployment
  const { replicas, readyReplicas, availableReplicas, updatedReplicas, collisionCount } = status
  const counts = { replicas, updatedReplicas, readyReplicas, availableReplicas }
  const before = old.status?.collisionCount
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...nonNegative('status.observedGeneration', status.observedGeneration),
    ...Object.entries(counts).flatMap(([name, value]) => nonNegative(child('status', name), value)),
    ...nonNegative('status.unavailableReplicas', status.unavailableReplicas),
    ...nonNegative('status.terminatingReplicas', status.terminatingReplicas),
    ...nonNegative('status.collisionCount', collisionCount),
    ...above('status.updatedReplicas', updatedReplicas, replicas),
    ...above('status.readyReplicas', readyReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, readyReplicas, 'cannot be greater than readyReplicas'),
    ...(before !== undefined && (collisionCount ?? -1) < before
      ? [invalid('status.collisionCount', collisionCount ?? 0, 'cannot be decremented')]
      : []),
  ]
}

export function validateReplicaSetStatusUpdate(replicaSet: ReplicaSet, old: ReplicaSet): Errors {
  const { metadata = {}, status = {} } = replicaSet as AnyReplicaSet
  const { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas } = status
  const counts = { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas }
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...Object.entries(counts).flatMap(([name, value]) => nonNegative(child('status', name), value)),
    ...nonNegative('status.observedGeneration', status.observedGeneration),
    ...nonNegative('status.terminatingReplicas', status.terminatingReplicas),
    ...above('status.fullyLabeledReplicas', fullyLabeledReplicas, replicas),
    ...above('status.readyReplicas', readyReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, readyReplicas, 'cannot be greater than readyReplicas'),
  ]
}
