import type {
  ControllerRevision,
  DaemonSet,
  DaemonSetSpec,
  DaemonSetUpdateStrategy,
  ObjectMeta,
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
import { amountOf, validateIntOrPercent } from './workload.ts'

type AnyDaemonSet = Readonly<{ metadata?: ObjectMeta; spec?: Partial<DaemonSetSpec>; status?: DaemonSet['status'] }>

export function validateDaemonSet({ metadata = {}, spec = {} }: AnyDaemonSet): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateSpec('spec', spec)]
}

export function validateDaemonSetUpdate({ metadata = {}, spec = {} }: AnyDaemonSet, old: AnyDaemonSet): Errors {
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...immutable('spec.selector', spec.selector, old.spec?.selector),
    ...validateSpec('spec', spec),
  ]
}

function validateSpec(field: string, spec: Partial<DaemonSetSpec>): Errors {
  const { selector, template = {} } = spec
  const path = child(field, 'selector')
  const podPath = child(field, 'template', 'spec')
  const { labels } = template.metadata ?? {}
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  const parsed = selectorFromObject(selector)
  const size = Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length
  // An empty selector selects everything, none at all nothing.
  const matches = selector !== undefined && parsed.ok && (size === 0 || matchesLabels(parsed.value, labels))
  return [
    ...validateLabelSelector(path, selector),
    ...(parsed.ok && !matches
      ? [invalid(child(field, 'template', 'metadata', 'labels'), labels, '`selector` does not match template `labels`')]
      : []),
    ...(selector !== undefined && size === 0
      ? [invalid(path, selector, 'empty selector is invalid for daemonset')]
      : []),
    ...validatePodTemplate(child(field, 'template'), template),
    ...(restartPolicy === 'Always' ? [] : [notSupported(child(podPath, 'restartPolicy'), restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbidden(child(podPath, 'activeDeadlineSeconds'), 'activeDeadlineSeconds in DaemonSet is not Supported')]),
    ...nonNegative(child(field, 'minReadySeconds'), spec.minReadySeconds),
    ...validateStrategy(child(field, 'updateStrategy'), spec.updateStrategy ?? {}),
    ...nonNegative(child(field, 'revisionHistoryLimit'), spec.revisionHistoryLimit),
  ]
}

function validateStrategy(field: string, { type = '', rollingUpdate }: DaemonSetUpdateStrategy): Errors {
  if (type === 'OnDelete') return []
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {}
  if (type !== 'RollingUpdate') {
    const rolling = rollingUpdate === undefined ? null : { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge }
    return [notSupported(field, { Type: type, RollingUpdate: rolling }, ['RollingUpdate', 'OnDelete'])]
  }
  const path = child(field, 'rollingUpdate')
  if (rollingUpdate === undefined) return [required(path)]
  const [unavailablePath, surgePath] = [child(path, 'maxUnavailable'), child(path, 'maxSurge')]
  const [isUnavailable, isSurging] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  return [
    ...validateIntOrPercent(unavailablePath, maxUnavailable),
    ...validateIntOrPercent(surgePath, maxSurge),
    ...atMostAll(unavailablePath, maxUnavailable),
    ...atMostAll(surgePath, maxSurge),
    ...(isUnavailable && isSurging
      ? [invalid(surgePath, maxSurge, 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(isUnavailable || isSurging ? [] : [required(unavailablePath, 'cannot be 0 when maxSurge is 0')]),
  ]
}

function atMostAll(field: string, value: number | string): Errors {
  const isTooMuch = typeof value === 'string' && percentErrors(value).length === 0 && amountOf(value) > 100
  return isTooMuch ? [invalid(field, value, 'must not be greater than 100%')] : []
}

export function validateDaemonSetStatusUpdate({ metadata = {}, status }: AnyDaemonSet, old: AnyDaemonSet): Errors {
  const before = old.status?.collisionCount
  const counts = [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ] as const
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...counts.flatMap((name) => nonNegative(child('status', name), status?.[name])),
    ...(before !== undefined && (status?.collisionCount ?? -1) < before
      ? [invalid('status.collisionCount', status?.collisionCount ?? 0, 'cannot be decremented')]
      : []),
  ]
}

export function validateControllerRevision({ metadata = {}, revision, data }: ControllerRevision): Errors {
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...nonNegative('revision', revision),
    ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : []),
    ...(data !== undefined && data !== null && (typeof data !== 'object' || Array.isArray(data))
      ? [required('data', 'data must be a valid JSON object')]
      : []),
  ]
}

export function validateControllerRevisionUpdate(now: ControllerRevision, old: ControllerRevision): Errors {
  return [
    ...validateMetaUpdate(now.metadata ?? {}, old.metadata ?? {}),
    ...validateNewMeta(now.metadata ?? {}, true, dnsSubdomainErrors),
    ...nonNegative('revision', now.revision),
    ...immutable('data', now.data, old.data),
  ]
}
