import type {
  Container,
  ContainerStatus,
  ObjectMeta,
  Pod,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
} from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { validateImageBlanks } from './container.ts'
import {
  child,
  type Errors,
  forbidden,
  immutable,
  index,
  invalid,
  invalidEach,
  keyed,
  required,
  sameValue,
} from './field-error.ts'
import { validateIp, validateIpFamilies } from './ip.ts'
import { validateLabels } from './labels.ts'
import { dnsSubdomainErrors } from './names.ts'
import { validateAnnotations, validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validatePodSpec } from './pod-spec.ts'
import { validateAddedTolerations, validateDeletedGates } from './scheduling.ts'
import { validateSeccompAnnotations } from './seccomp-annotations.ts'
import { unifiedDiff } from './unified-diff.ts'

export const mirrorAnnotation = 'kubernetes.io/config.mirror'
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'
const maxInt32 = 2147483647

type PodLike = Readonly<{ metadata?: ObjectMeta; spec?: PodSpec; status?: PodStatus }>

export function validatePod(pod: Pod): Errors {
  const { metadata = {}, spec } = pod as PodLike
  if (spec === undefined) return [required('spec.containers')]
  const bound = spec.nodeName !== undefined && spec.nodeName !== ''
  return [
    ...validateWholePod(metadata, spec),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(bound && (spec.schedulingGates ?? []).length > 0
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ]
}

export function validateWholePod(metadata: ObjectMeta, spec: PodSpec): Errors {
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...validatePodAnnotations('metadata.annotations', metadata.annotations ?? {}, spec),
    ...validatePodSpec('spec', spec, metadata),
    ...(spec.serviceAccountName === undefined || spec.serviceAccountName === '' ? validateNoTokens(spec) : []),
    ...(spec.containers ?? []).flatMap((container, at) => validateImageBlanks(index('spec.containers', at), container)),
    ...(spec.initContainers ?? []).flatMap((container, at) =>
      validateImageBlanks(index('spec.initContainers', at), container),
    ),
  ]
}

function validateNoTokens(spec: PodSpec): Errors {
  return (spec.volumes ?? []).flatMap(({ projected }, volume) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, at) => {
      const sources = child(index('spec.volumes', volume), 'projected', 'sources')
      if (serviceAccountToken === undefined) return []
      const path = child(index(sources, at), 'serviceAccountToken')
      return [forbidden(path, 'must not be specified when serviceAccountName is not set')]
    }),
  )
}

function validatePodAnnotations(field: string, annotations: Readonly<Record<string, string>>, spec: PodSpec): Errors {
  const mirror = annotations[mirrorAnnotation]
  const cost = annotations[deletionCostAnnotation]
  const unbound = spec.nodeName === undefined || spec.nodeName === ''
  return [
    ...(mirror !== undefined && unbound
      ? [invalid(keyed(field, mirrorAnnotation), mirror, 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...(cost === undefined || isDeletionCost(cost)
      ? []
      : [invalid(keyed(field, deletionCostAnnotation), cost, 'must be a 32bit integer')]),
    ...validateSeccompAnnotations(field, annotations),
  ]
}

/** No plus sign, no leading zeros: helper.validFirstDigit. */
function isDeletionCost(text: string): boolean {
  const value = Number(text)
  return /^(0|-?[1-9][0-9]*)$/.test(text) && value >= -maxInt32 - 1 && value <= maxInt32
}

/** The template of a workload's pods. */
export function validatePodTemplate(field: string, template: PodTemplateSpec): Errors {
  const { metadata = {}, spec = { containers: [] } } = template
  return [
    ...validateLabels(child(field, 'labels'), metadata.labels),
    ...validateAnnotations(child(field, 'annotations'), metadata.annotations),
    ...validatePodAnnotations(child(field, 'annotations'), metadata.annotations ?? {}, spec),
    ...validatePodSpec(child(field, 'spec'), spec, undefined),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbidden(child(field, 'spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template')]
      : []),
  ]
}

export function validatePodUpdate(pod: Pod, old: Pod): Errors {
  const { metadata = {}, spec = { containers: [] } } = pod as PodLike
  const { metadata: oldMetadata = {}, spec: oldSpec = { containers: [] } } = old as PodLike
  const before = [
    ...validateMetaUpdate(metadata, oldMetadata),
    ...validateWholePod(metadata, spec),
    ...validateAnnotationUpdates(metadata, oldMetadata),
    ...validatePodAnnotations('metadata.annotations', metadata.annotations ?? {}, spec),
  ]
  for (const group of ['containers', 'initContainers'] as const) {
    const { errors, stop } = validateImages(`spec.${group}`, spec[group] ?? [], oldSpec[group] ?? [])
    before.push(...errors)
    if (stop) return before
  }
  const deadline = validateDeadline(spec.activeDeadlineSeconds, oldSpec.activeDeadlineSeconds)
  before.push(...deadline.errors)
  if (deadline.stop) return before
  return [
    ...before,
    ...validateAddedTolerations('spec.tolerations', spec.tolerations ?? [], oldSpec.tolerations ?? []),
    ...validateDeletedGates('spec.schedulingGates', spec.schedulingGates ?? [], oldSpec.schedulingGates ?? []),
    ...validateFixedSpec(spec, oldSpec),
  ]
}

function validateAnnotationUpdates(metadata: ObjectMeta, old: ObjectMeta): Errors {
  const [now, before] = [metadata.annotations?.[mirrorAnnotation], old.annotations?.[mirrorAnnotation]]
  if (now === before) return []
  const change = before === undefined ? 'add' : 'remove or update'
  return [forbidden(keyed('metadata.annotations', mirrorAnnotation), `may not ${change} mirror pod annotation`)]
}

type Stoppable = Readonly<{ errors: Errors; stop: boolean }>

function validateImages(field: string, now: readonly Container[], before: readonly Container[]): Stoppable {
  if (now.length !== before.length) {
    return { errors: [forbidden(field, 'pod updates may not add or remove containers')], stop: true }
  }
  const errors = now.flatMap((container, at) => [
    ...(container.image === undefined || container.image === '' ? [required(child(index(field, at), 'image'))] : []),
    ...validateImageBlanks(index(field, at), container),
  ])
  return { errors, stop: false }
}

function validateDeadline(now: number | undefined, before: number | undefined): Stoppable {
  const field = 'spec.activeDeadlineSeconds'
  if (now === undefined) {
    const detail = 'must not update from a positive integer to nil value'
    return { errors: before === undefined ? [] : [invalid(field, null, detail)], stop: false }
  }
  if (now < 0 || now > maxInt32) {
    return { errors: [invalid(field, now, `must be between 0 and ${maxInt32}, inclusive`)], stop: true }
  }
  if (before === undefined || before >= now) return { errors: [], stop: false }
  return { errors: [invalid(field, now, 'must be less than or equal to previous value')], stop: true }
}

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** All but the few fields that may change must be what it was. A gated pod's node selection may be narrowed. */
function validateFixedSpec(spec: PodSpec, old: PodSpec): Errors {
  const gated = (old.schedulingGates ?? []).length > 0
  const grace = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
  const rest: PodSpec = {
    ...spec,
    containers: withImages(spec.containers ?? [], old.containers ?? []),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: withImages(spec.initContainers, old.initContainers ?? []) }),
    ...restored(old, ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']),
    ...(grace ? restored(old, ['terminationGracePeriodSeconds']) : {}),
    ...(gated ? restored(old, ['nodeSelector']) : {}),
  }
  const errors = gated ? validateNarrowed(spec, old) : []
  if (sameValue(rest, old)) return errors
  const changes = unifiedDiff(JSON.stringify(old, null, 1), JSON.stringify(rest, null, 1))
  return [...errors, forbidden('spec', `pod updates may not change fields other than ${updatable}\n${changes}`)]
}

function withImages(containers: readonly Container[], old: readonly Container[]): readonly Container[] {
  return containers.map((container, at) => ({ ...container, ...restored(old[at] ?? container, ['image']) }))
}

function restored<T extends object>(old: T, names: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.map((name) => [name, old[name]])) as Partial<T>
}

function validateNarrowed(spec: PodSpec, old: PodSpec): Errors {
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value)
  if (kept) return []
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return [invalid('spec.nodeSelector', spec.nodeSelector, detail)]
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): Errors {
  const { metadata = {}, spec = { containers: [] }, status = {} } = pod as PodLike
  const { metadata: oldMetadata = {}, spec: oldSpec = { containers: [] }, status: before = {} } = old as PodLike
  const nominated = status.nominatedNodeName ?? ''
  const renominated = nominated !== '' && nominated !== before.nominatedNodeName
  const bound = oldSpec.nodeName !== undefined && oldSpec.nodeName !== ''
  const nominatedPath = 'status.nominatedNodeName'
  return [
    ...validateMetaUpdate(metadata, oldMetadata),
    ...validateAnnotationUpdates(metadata, oldMetadata),
    ...validatePodAnnotations('metadata.annotations', metadata.annotations ?? {}, spec),
    ...validateConditions(status),
    ...(spec.nodeName === oldSpec.nodeName ? [] : [forbidden('status.nodeName', 'may not be changed directly')]),
    ...(renominated ? invalidEach(nominatedPath, nominated, dnsSubdomainErrors(nominated)) : []),
    ...(renominated && bound
      ? [forbidden(nominatedPath, 'may not be set on pods that are already bound to a node')]
      : []),
    ...((status.observedGeneration ?? 0) < 0
      ? [invalid('status.observedGeneration', status.observedGeneration, 'must be a non-negative integer')]
      : []),
    ...immutable('status.qosClass', status.qosClass ?? '', before.qosClass ?? ''),
    ...validateTransitions('status.containerStatuses', status.containerStatuses, before.containerStatuses, oldSpec),
    ...validateTransitions(
      'status.initContainerStatuses',
      status.initContainerStatuses,
      before.initContainerStatuses,
      oldSpec,
    ),
    ...validateStatusIps('status.podIPs', status.podIPs ?? [], before.podIPs ?? []),
    ...validateHostIps(status, before),
  ]
}

const systemConditions = ['PodScheduled', 'Ready', 'Initialized']

function validateConditions({ conditions = [] }: PodStatus): Errors {
  return conditions.flatMap(({ type = '', observedGeneration = 0 }, at) => {
    const path = index('status.conditions', at)
    return [
      ...(observedGeneration < 0
        ? [invalid(child(path, 'observedGeneration'), observedGeneration, 'must be a non-negative integer')]
        : []),
      ...(systemConditions.includes(type) ? [] : invalidEach(child(path, 'Type'), type, labelKeyErrors(type))),
    ]
  })
}

/** A container that has ended for good stays ended. */
function validateTransitions(
  field: string,
  now: readonly ContainerStatus[] = [],
  before: readonly ContainerStatus[] = [],
  spec: PodSpec,
): Errors {
  return before.flatMap((old, at) => {
    const status = now.find(({ name }) => name === old.name)
    const exitCode = old.state?.terminated?.exitCode
    if (exitCode === undefined || status === undefined || status.state?.terminated !== undefined) return []
    const containers = field.includes('init') ? spec.initContainers : spec.containers
    const container = containers?.find(({ name }) => name === old.name)
    if (container !== undefined && mayRestart(container, spec, exitCode)) return []
    return [forbidden(child(index(field, at), 'state'), 'may not be transitioned to non-terminated state')]
  })
}

function mayRestart({ restartPolicy, restartPolicyRules = [] }: Container, spec: PodSpec, exitCode: number): boolean {
  for (const { exitCodes } of restartPolicyRules) {
    const listed = exitCodes?.values?.includes(exitCode) === true
    if (exitCodes !== undefined && listed === (exitCodes.operator === 'In')) return true
  }
  const policy = restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

type Ips = readonly Readonly<{ ip?: string }>[]

function validateStatusIps(field: string, now: Ips, before: Ips): Errors {
  const [ips, known] = [now, before].map((list) => list.map(({ ip = '' }) => ip))
  const shown = (ips ?? []).map((ip) => ({ IP: ip }))
  return [
    ...(ips ?? []).flatMap((ip, at) => validateIp(index(field, at), ip, known)),
    ...validateIpFamilies(field, ips ?? [], shown, 'IP'),
  ]
}

function validateHostIps(status: PodStatus, before: PodStatus): Errors {
  const [first] = status.hostIPs ?? []
  if (first === undefined) return []
  return [
    ...(status.hostIP === first.ip ? [] : [invalid('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`')]),
    ...validateStatusIps('status.hostIPs', status.hostIPs ?? [], before.hostIPs ?? []),
  ]
}

/** The ephemeralcontainers subresource: what is there stays as it is. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): Errors {
  const { metadata = {}, spec = { containers: [] } } = pod as PodLike
  const { metadata: oldMetadata = {}, spec: oldSpec = { containers: [] } } = old as PodLike
  return [
    ...validateMetaUpdate(metadata, oldMetadata),
    ...validateWholePod(metadata, spec),
    ...(oldSpec.ephemeralContainers ?? []).flatMap((container) => {
      const now = spec.ephemeralContainers?.find(({ name }) => name === container.name)
      const existing = `existing ephemeral containers "${container.name}" may not be`
      if (now === undefined) return [forbidden('spec.ephemeralContainers', `${existing} removed\n`)]
      if (sameValue(now, container)) return []
      const changes = unifiedDiff(JSON.stringify(container, null, 1), JSON.stringify(now, null, 1))
      return [forbidden('spec.ephemeralContainers', `${existing} changed\n${changes}`)]
    }),
  ]
}
