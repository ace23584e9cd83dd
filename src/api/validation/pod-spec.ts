import type { Container, ObjectMeta, PodSpec } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { validateAffinity } from './affinity.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './container.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  notFound,
  notSupported,
  oneOf,
  required,
} from './field-error.ts'
import { validateLabels } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import {
  validateDnsConfig,
  validateHostAliases,
  validateHostnameOverride,
  validateHostPorts,
  validateHostUsers,
} from './pod-network-fields.ts'
import { validateResources } from './resources.ts'
import { validateSchedulingGates, validateSpread, validateTolerations } from './scheduling.ts'
import { validatePodSecurity } from './security-context.ts'
import { validateVolumes } from './volumes.ts'

const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** `meta`: of the pod; absent where the spec is that of a template. The order is kube-apiserver's. */
export function validatePodSpec(field: string, spec: PodSpec, meta: ObjectMeta | undefined): Errors {
  const { volumes, errors } = validateVolumes(child(field, 'volumes'), spec.volumes ?? [], meta)
  return [
    ...(spec.terminationGracePeriodSeconds === undefined
      ? [required(child(field, 'terminationGracePeriodSeconds'))]
      : []),
    ...errors,
    ...validateResourceClaims(child(field, 'resourceClaims'), spec.resourceClaims ?? []),
    ...validateContainers(child(field, 'containers'), spec, volumes),
    ...validateInitContainers(child(field, 'initContainers'), spec, volumes),
    ...validateEphemeralContainers(child(field, 'ephemeralContainers'), spec, volumes),
    ...validatePodLevelResources(child(field, 'resources'), spec),
    ...validateHostPorts(field, spec, meta !== undefined),
    ...oneOf(child(field, 'restartPolicy'), spec.restartPolicy, restartPolicies),
    ...oneOf(child(field, 'dnsPolicy'), spec.dnsPolicy, dnsPolicies),
    ...validateLabels(child(field, 'nodeSelector'), spec.nodeSelector),
    ...validatePodSecurity(child(field, 'securityContext'), spec),
    ...validateAffinity(child(field, 'affinity'), spec.affinity),
    ...validateDnsConfig(child(field, 'dnsConfig'), spec.dnsConfig, spec.dnsPolicy),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType = '' }, at) =>
      invalidEach(
        child(index(child(field, 'readinessGates'), at), 'conditionType'),
        conditionType,
        labelKeyErrors(conditionType),
      ),
    ),
    ...validateSchedulingGates(child(field, 'schedulingGates'), spec.schedulingGates ?? []),
    ...validateSpread(child(field, 'topologySpreadConstraints'), spec.topologySpreadConstraints ?? []),
    ...validateHostUsers(field, spec),
    ...validateHostnameOverride(field, spec),
    ...validateSpecNames(field, spec),
    ...validateFileKeyVolumes(field, spec),
  ]
}

const maxDeadlineSeconds = 2147483647

function validateSpecNames(field: string, spec: PodSpec): Errors {
  const named = (name: string, value: string | undefined, rule: (value: string) => readonly string[]): Errors =>
    value === undefined || value === '' ? [] : invalidEach(child(field, name), value, rule(value))
  const deadline = spec.activeDeadlineSeconds
  const { runtimeClassName, preemptionPolicy, overhead, os } = spec
  return [
    ...named('serviceAccountName', spec.serviceAccountName, dnsSubdomainErrors),
    ...named('nodeName', spec.nodeName, dnsSubdomainErrors),
    ...(deadline !== undefined && (deadline < 1 || deadline > maxDeadlineSeconds)
      ? [
          invalid(
            child(field, 'activeDeadlineSeconds'),
            deadline,
            `must be between 1 and ${maxDeadlineSeconds}, inclusive`,
          ),
        ]
      : []),
    ...named('hostname', spec.hostname, dnsLabelErrors),
    ...named('subdomain', spec.subdomain, dnsLabelErrors),
    ...validateTolerations(child(field, 'tolerations'), spec.tolerations ?? []),
    ...validateHostAliases(child(field, 'hostAliases'), spec.hostAliases ?? []),
    ...named('priorityClassName', spec.priorityClassName, dnsSubdomainErrors),
    ...(runtimeClassName === undefined
      ? []
      : invalidEach(child(field, 'runtimeClassName'), runtimeClassName, dnsSubdomainErrors(runtimeClassName))),
    ...(preemptionPolicy === undefined
      ? []
      : oneOf(child(field, 'preemptionPolicy'), preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
    ...(overhead === undefined ? [] : validateResources(child(field, 'overhead'), { limits: overhead })),
    ...(os === undefined ? [] : validateOs(child(field, 'os'), os.name)),
  ]
}

function validateOs(field: string, name = ''): Errors {
  if (name === '') return [required(child(field, 'name'))]
  return ['linux', 'windows'].includes(name) ? [] : [notSupported(field, name, ['linux', 'windows'])]
}

function validatePodLevelResources(field: string, spec: PodSpec): Errors {
  if (spec.resources === undefined) return []
  const claims = (spec.resourceClaims ?? []).map((claim) => claim.name)
  return [
    ...(spec.resources.claims === undefined
      ? []
      : [forbidden(child(field, 'claims'), 'claims may not be set for Resources at pod-level')]),
    ...validateResources(field, spec.resources, claims, 'pod'),
  ]
}

function validateResourceClaims(field: string, claims: NonNullable<PodSpec['resourceClaims']>): Errors {
  const names = new Set<string>()
  return claims.flatMap((claim, at) => {
    const path = index(field, at)
    const { name = '', resourceClaimName, resourceClaimTemplateName } = claim
    const repeated = names.has(name)
    names.add(name)
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    const [both, either] = [
      'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
      'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ]
    return [
      ...(name === '' ? [required(child(path, 'name'))] : []),
      ...(name !== '' && repeated ? [duplicate(child(path, 'name'), name)] : []),
      ...(name !== '' && !repeated ? invalidEach(child(path, 'name'), name, dnsLabelErrors(name)) : []),
      ...(resourceClaimName !== undefined && resourceClaimTemplateName !== undefined
        ? [invalid(path, shown, both ?? '')]
        : []),
      ...(resourceClaimName === undefined && resourceClaimTemplateName === undefined
        ? [invalid(path, shown, either ?? '')]
        : []),
    ]
  })
}

function validateFileKeyVolumes(field: string, spec: PodSpec): Errors {
  const groups: readonly (readonly [string, readonly Container[]])[] = [
    ['initContainers', spec.initContainers ?? []],
    ['containers', spec.containers ?? []],
  ]
  return groups.flatMap(([group, containers]) =>
    containers.flatMap(({ env = [] }, container) =>
      env.flatMap(({ valueFrom }, at) => {
        const name = valueFrom?.fileKeyRef?.volumeName
        if (name === undefined) return []
        const path = index(child(index(child(field, group), container), 'env'), at)
        const volume = spec.volumes?.find((each) => each.name === name)
        const namePath = child(path, 'valueFrom', 'fileKeyRef', 'volumeName')
        if (volume === undefined) return [notFound(namePath, name)]
        if (volume.emptyDir !== undefined) return []
        return [invalid(namePath, name, 'referenced volume must be of type emptyDir')]
      }),
    ),
  )
}
