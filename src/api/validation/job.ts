import type { Job, JobSpec, ObjectMeta, PodTemplateSpec } from '../kinds.generated.ts'
import { matchesLabels, selectorFromObject } from '../label-selector.ts'
import {
  child,
  type Errors,
  immutable,
  invalid,
  keyed,
  nonNegative,
  notSupported,
  required,
  tooLong,
} from './field-error.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policy.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validatePodTemplate } from './pod.ts'

type AnyJob = Readonly<{ metadata?: ObjectMeta; spec?: JobSpec; status?: Job['status'] }>
type Spec = Partial<JobSpec>

export const uidLabel = 'batch.kubernetes.io/controller-uid'
const nameLabel = 'batch.kubernetes.io/job-name'
const maxIndexedParallelism = 100_000
const manyCompletions = 100_000
const maxOfMany = 10_000
const maxManagedByLength = 63

export function validateJob(job: Job): Errors {
  return validateWhole(job, true)
}

function validateWhole({ metadata = {}, spec = { template: {} } }: AnyJob, prefixed: boolean): Errors {
  const { completionMode, completions = 0 } = spec
  const { name = '' } = metadata
  const lastHost = `${name}-${completions - 1}`
  const unnameable = completionMode === 'Indexed' && completions > 0 && dnsLabelErrors(lastHost).length > 0
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...validateGeneratedSelector(metadata, spec, prefixed),
    ...validateSpecAndSelector('spec', spec),
    ...(unnameable
      ? [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${lastHost}`)]
      : []),
  ]
}

/** The labels that the server gives to the pods must be those of this job. */
function validateGeneratedSelector({ name = '', uid = '' }: ObjectMeta, spec: Spec, prefixed: boolean): Errors {
  if (spec.manualSelector === true || spec.selector === undefined) return []
  const old = { 'controller-uid': uid, 'job-name': name }
  const expected: Readonly<Record<string, string>> = prefixed ? { ...old, [uidLabel]: uid, [nameLabel]: name } : old
  const labels = spec.template?.metadata?.labels
  const parsed = selectorFromObject(spec.selector)
  return [
    ...(uid === '' ? [required('metadata.uid')] : []),
    ...Object.entries(expected).flatMap(([key, value]) => {
      const path = keyed('spec.template.metadata.labels', key)
      if (labels?.[key] === undefined) return [required(path, `must be '${value}'`)]
      return labels[key] === value ? [] : [invalid(path, labels, `must be '${value}'`)]
    }),
    ...(parsed.ok && !matchesLabels(parsed.value, expected)
      ? [invalid('spec.selector', spec.selector, '`selector` not auto-generated')]
      : []),
  ]
}

function validateSpecAndSelector(field: string, spec: Spec): Errors {
  const { selector, template = {} } = spec
  const parsed = selectorFromObject(selector)
  const { labels } = template.metadata ?? {}
  const path = child(field, 'selector')
  return [
    ...validateJobSpec(field, spec),
    ...(selector === undefined ? [required(path)] : validateLabelSelector(path, selector)),
    ...(parsed.ok && !matchesLabels(parsed.value, labels)
      ? [invalid(child(field, 'template', 'metadata', 'labels'), labels, '`selector` does not match template `labels`')]
      : []),
  ]
}

/** What a Job and the template of a CronJob's jobs have in common. */
export function validateJobSpec(field: string, spec: Spec): Errors {
  const { template = {}, podFailurePolicy, successPolicy, maxFailedIndexes, managedBy = '' } = spec
  const perIndexPath = child(field, 'backoffLimitPerIndex')
  const managerPath = child(field, 'managedBy')
  return [
    ...['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']
      .concat('backoffLimitPerIndex', 'maxFailedIndexes')
      .flatMap((name) => nonNegative(child(field, name), spec[name as 'parallelism'])),
    ...(maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [required(perIndexPath, 'when maxFailedIndexes is specified')]
      : []),
    ...(spec.managedBy === undefined || /^[a-z0-9.-]+\/.+$/.test(managedBy)
      ? []
      : [invalid(managerPath, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")')]),
    ...(managedBy.length > maxManagedByLength ? [tooLong(managerPath, maxManagedByLength)] : []),
    ...validateMode(field, spec),
    ...(podFailurePolicy === undefined ? [] : validatePodFailurePolicy(child(field, 'podFailurePolicy'), spec)),
    ...(successPolicy === undefined ? [] : validateSuccessPolicy(child(field, 'successPolicy'), spec)),
    ...validateReplacement(child(field, 'podReplacementPolicy'), spec),
    ...validatePodTemplate(child(field, 'template'), template),
    ...validateRestartPolicy(child(field, 'template', 'spec', 'restartPolicy'), spec),
  ]
}

function validateMode(field: string, spec: Spec): Errors {
  const { completionMode = 'NonIndexed', backoffLimitPerIndex, maxFailedIndexes } = spec
  if (completionMode === 'Indexed') return validateIndexed(field, spec)
  if (completionMode !== 'NonIndexed') {
    return [notSupported(child(field, 'completionMode'), completionMode, ['NonIndexed', 'Indexed'])]
  }
  return Object.entries({ backoffLimitPerIndex, maxFailedIndexes }).flatMap(([name, value]) =>
    value === undefined ? [] : [invalid(child(field, name), value, 'requires indexed completion mode')],
  )
}

function validateIndexed(field: string, spec: Spec): Errors {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec
  const [parallelPath, failedPath] = [child(field, 'parallelism'), child(field, 'maxFailedIndexes')]
  const most = (value: number): string => `must be less than or equal to ${value}`
  const combined = `${most(maxOfMany)} when completions are above ${manyCompletions} and used with backoff limit per index`
  const isMany = (completions ?? 0) > manyCompletions && backoffLimitPerIndex !== undefined
  return [
    ...(completions === undefined ? [required(child(field, 'completions'), 'when completion mode is Indexed')] : []),
    ...(parallelism > maxIndexedParallelism
      ? [invalid(parallelPath, parallelism, `${most(maxIndexedParallelism)} when completion mode is Indexed`)]
      : []),
    ...(completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions
      ? [invalid(failedPath, maxFailedIndexes, 'must be less than or equal to completions')]
      : []),
    ...(maxFailedIndexes !== undefined && maxFailedIndexes > manyCompletions
      ? [invalid(failedPath, maxFailedIndexes, most(manyCompletions))]
      : []),
    ...(isMany && maxFailedIndexes === undefined
      ? [required(failedPath, `must be specified when completions is above ${manyCompletions}`)]
      : []),
    ...(isMany && parallelism > maxOfMany ? [invalid(parallelPath, parallelism, combined)] : []),
    ...(isMany && maxFailedIndexes !== undefined && maxFailedIndexes > maxOfMany
      ? [invalid(failedPath, maxFailedIndexes, combined)]
      : []),
  ]
}

function validateReplacement(field: string, { podReplacementPolicy: policy, podFailurePolicy }: Spec): Errors {
  const supported = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  return policy === undefined || supported.includes(policy) ? [] : [notSupported(field, policy, supported)]
}

function validateRestartPolicy(field: string, { template, podFailurePolicy }: Spec): Errors {
  const policy = template?.spec?.restartPolicy ?? ''
  if (policy === 'Always' || policy === '') return [required(field, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])]
  if (podFailurePolicy === undefined || policy === 'Never') return []
  return [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

export function validateJobUpdate(job: Job, old: Job): Errors {
  const { metadata = {}, spec = { template: {} } } = job as AnyJob
  const { metadata: oldMetadata = {}, spec: before = { template: {} } } = old as AnyJob
  const labels = before.template.metadata?.labels
  return [
    ...validateWhole(job, labels?.[nameLabel] !== undefined && labels[uidLabel] !== undefined),
    ...validateMetaUpdate(metadata, oldMetadata),
    ...validateSpecAndSelector('spec', spec),
    ...validateCompletions(spec, before),
    ...immutable('spec.selector', spec.selector, before.selector),
    ...validateTemplateUpdate(spec.template, before.template, isChangeable(old)),
    ...(['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const).flatMap(
      (name) => immutable(child('spec', name), spec[name], before[name]),
    ),
  ]
}

function validateCompletions(spec: Spec, before: Spec): Errors {
  const { completions, parallelism } = spec
  if (spec.completionMode !== 'Indexed')
    return immutable('spec.completions', completions ?? null, before.completions ?? null)
  if (completions === undefined || completions === before.completions || completions === parallelism) return []
  return [invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism')]
}

/** Only while a job is suspended and none of its pods runs may the scheduling and the resources of its pods change. */
function isChangeable({ spec, status }: Job): boolean {
  const isSuspended = status?.conditions?.some(({ type, status: value }) => type === 'Suspended' && value === 'True')
  return spec?.suspend === true && isSuspended === true && (status?.active ?? 0) === 0
}

function validateTemplateUpdate(template: PodTemplateSpec, old: PodTemplateSpec, changeable: boolean): Errors {
  if (!changeable) return immutable('spec.template', template, old)
  const allowed = withChangeable(old, template)
  return immutable('spec.template.spec', template.spec, allowed.spec)
}

/** The old template with those parts of the new one that may change. */
function withChangeable(old: PodTemplateSpec, now: PodTemplateSpec): PodTemplateSpec {
  if (old.spec === undefined || now.spec === undefined) return old
  const { nodeSelector, tolerations, schedulingGates, affinity } = now.spec
  const { nodeAffinity: _, ...others } = old.spec.affinity ?? {}
  const affinityAfter = { ...others, ...(affinity?.nodeAffinity && { nodeAffinity: affinity.nodeAffinity }) }
  const keepsAffinity = affinity !== undefined || Object.keys(others).length > 0
  const containersOf = (part: 'containers' | 'initContainers') =>
    old.spec?.[part]?.map((container, at) => {
      const after = now.spec?.[part]?.[at]
      return after?.name === container.name ? { ...container, resources: after.resources } : container
    })
  const spec = {
    ...old.spec,
    nodeSelector,
    tolerations,
    schedulingGates,
    affinity: keepsAffinity ? affinityAfter : undefined,
    containers: containersOf('containers'),
    initContainers: containersOf('initContainers'),
  }
  // exactOptionalPropertyTypes: undefined stands for absent here, and is only compared.
  return { ...old, spec: spec as unknown as NonNullable<PodTemplateSpec['spec']> }
}
