import type {
  V2HorizontalPodAutoscaler as Autoscaler,
  V2HPAScalingPolicy as Policy,
  V2CrossVersionObjectReference as Reference,
  V2HPAScalingRules as ScalingRules,
  V2HorizontalPodAutoscalerSpec as Spec,
} from '../kinds.generated.ts'
import { compareQuantities, zeroQuantity } from '../quantity.ts'
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
} from './field-error.ts'
import { validateMetricSpec } from './metric-spec.ts'
import { dnsSubdomainErrors, pathSegmentErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { parsed } from './resources.ts'

type AnySpec = Partial<Spec>

export function validateAutoscaler({ metadata = {}, spec }: Autoscaler): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateSpec(spec ?? {}, undefined)]
}

export function validateAutoscalerUpdate({ metadata = {}, spec }: Autoscaler, old: Autoscaler): Errors {
  return [...validateMetaUpdate(metadata, old.metadata ?? {}), ...validateSpec(spec ?? {}, old.spec ?? {})]
}

export function validateAutoscalerStatusUpdate({ metadata = {}, status }: Autoscaler, old: Autoscaler): Errors {
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...nonNegative('status.currentReplicas', status?.currentReplicas),
    ...nonNegative('status.desiredReplicas', status?.desiredReplicas),
  ]
}

function validateSpec(spec: AnySpec, old: AnySpec | undefined): Errors {
  const { minReplicas, maxReplicas = 0, metrics = [], behavior } = spec
  const least = old?.minReplicas === 0 ? 0 : 1
  const objectVersions = (old?.metrics ?? []).some(({ object }) => versionProblem(object?.describedObject, true))
    ? 'any'
    : 'core'
  return [
    ...(minReplicas !== undefined && minReplicas < least
      ? [invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`)]
      : []),
    ...(maxReplicas === 0 ? [required('spec.maxReplicas', 'must be set and greater than 0')] : []),
    ...(maxReplicas < 0 ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1')] : []),
    ...(minReplicas !== undefined && maxReplicas < minReplicas
      ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...validateReference('spec.scaleTargetRef', spec.scaleTargetRef, targetVersions(spec, old)),
    ...metrics.flatMap((metric, at) =>
      validateMetricSpec(index('spec.metrics', at), metric, (field, ref) =>
        validateReference(field, ref, objectVersions),
      ),
    ),
    ...(minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')
      ? [
          forbidden(
            'spec.metrics',
            'must specify at least one Object or External metric to support scaling to zero replicas',
          ),
        ]
      : []),
    ...validateRules('spec.behavior.scaleUp', behavior?.scaleUp),
    ...validateRules('spec.behavior.scaleDown', behavior?.scaleDown),
  ]
}

/** Which versions a reference may name: 'any', those of named groups, or also the core group's. */
type Versions = 'any' | 'grouped' | 'core'

function targetVersions(spec: AnySpec, old: AnySpec | undefined): Versions {
  const [now, before] = [spec.scaleTargetRef, old?.scaleTargetRef]
  if (before !== undefined && before.apiVersion === now?.apiVersion && before.kind === now?.kind) return 'any'
  return now?.kind === 'ReplicationController' ? 'core' : 'grouped'
}

export function validateReference(field: string, ref: Partial<Reference> = {}, versions: Versions): Errors {
  const { kind = '', name = '', apiVersion = '' } = ref
  const problem = versions === 'any' ? undefined : versionProblem(ref, versions === 'core')
  const text = (path: string, value: string): Errors =>
    value === '' ? [required(path)] : invalidEach(path, value, pathSegmentErrors(value))
  return [
    ...text(child(field, 'kind'), kind),
    ...text(child(field, 'name'), name),
    ...(problem === undefined ? [] : [invalid(child(field, 'apiVersion'), apiVersion, problem)]),
  ]
}

function versionProblem(ref: Partial<Reference> | undefined, mayBeCore: boolean): string | undefined {
  const { apiVersion = '' } = ref ?? {}
  const slashes = apiVersion.split('/').length - 1
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`
  const group = slashes === 1 ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return group === '' && !mayBeCore ? 'apiVersion must specify API group' : undefined
}

const longestWindowSeconds = 3600
const longestPeriodSeconds = 1800
const selectPolicies = ['Disabled', 'Max', 'Min']
const policyTypes = ['Percent', 'Pods']

function validateRules(field: string, rules: ScalingRules | undefined): Errors {
  if (rules === undefined) return []
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules
  const windowPath = child(field, 'stabilizationWindowSeconds')
  return [
    ...(window < 0 ? [invalid(windowPath, window, 'must be greater than or equal to zero')] : []),
    ...(window > longestWindowSeconds
      ? [invalid(windowPath, window, `must be less than or equal to ${longestWindowSeconds}`)]
      : []),
    ...(selectPolicy === undefined || selectPolicies.includes(selectPolicy)
      ? []
      : [notSupported(child(field, 'selectPolicy'), selectPolicy, selectPolicies)]),
    ...(policies.length === 0 ? [required(child(field, 'policies'), 'must specify at least one Policy')] : []),
    ...policies.flatMap((policy, at) => validatePolicy(index(child(field, 'policies'), at), policy)),
    ...(tolerance !== undefined && compareQuantities(parsed(tolerance), zeroQuantity) < 0
      ? [invalid(child(field, 'tolerance'), tolerance, 'must be greater than or equal to 0')]
      : []),
  ]
}

function validatePolicy(field: string, { type = '', value = 0, periodSeconds = 0 }: Policy): Errors {
  const periodPath = child(field, 'periodSeconds')
  return [
    ...(policyTypes.includes(type) ? [] : [notSupported(child(field, 'type'), type, policyTypes)]),
    ...(value <= 0 ? [invalid(child(field, 'value'), value, 'must be greater than zero')] : []),
    ...(periodSeconds <= 0 ? [invalid(periodPath, periodSeconds, 'must be greater than zero')] : []),
    ...(periodSeconds > longestPeriodSeconds
      ? [invalid(periodPath, periodSeconds, `must be less than or equal to ${longestPeriodSeconds}`)]
      : []),
  ]
}
