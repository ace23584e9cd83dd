import type { Container, ContainerPort, EphemeralContainer, PodSpec } from '../kinds.generated.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
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
  tooMany,
} from './field-error.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { dnsLabelErrors, portNameErrors, portNumberErrors } from './names.ts'
import { validateLifecycle, validateProbes } from './probe.ts'
import { validateResources } from './resources.ts'
import { validateSecurityContext } from './security-context.ts'
import type { Volumes } from './volumes.ts'

export const protocols = ['SCTP', 'TCP', 'UDP']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const messagePolicies = ['File', 'FallbackToLogsOnError']
const onlySidecars = 'may not be set for init containers without restartPolicy=Always'

function validateCommon(field: string, container: Container, spec: PodSpec, volumes: Volumes): Errors {
  const { name = '', image = '' } = container
  const claims = (spec.resourceClaims ?? []).map((claim) => claim.name)
  return [
    ...(name === '' ? [required(child(field, 'name'))] : invalidEach(child(field, 'name'), name, dnsLabelErrors(name))),
    ...(image === '' ? [required(child(field, 'image'))] : []),
    ...oneOf(child(field, 'terminationMessagePolicy'), container.terminationMessagePolicy, messagePolicies),
    ...validatePorts(child(field, 'ports'), container.ports ?? []),
    ...validateEnv(child(field, 'env'), container.env ?? []),
    ...validateEnvFrom(child(field, 'envFrom'), container.envFrom ?? []),
    ...validateMounts(child(field, 'volumeMounts'), container, volumes),
    ...validateDevices(child(field, 'volumeDevices'), container, volumes),
    ...oneOf(child(field, 'imagePullPolicy'), container.imagePullPolicy, pullPolicies),
    ...validateResources(child(field, 'resources'), container.resources ?? {}, claims),
    ...validateResizePolicy(child(field, 'resizePolicy'), container.resizePolicy ?? [], spec.restartPolicy),
    ...validateSecurityContext(child(field, 'securityContext'), container.securityContext, spec.hostUsers !== false),
  ]
}

function validatePorts(field: string, ports: readonly ContainerPort[]): Errors {
  const names = new Set<string>()
  return ports.flatMap(({ name = '', containerPort = 0, hostPort = 0, protocol = '' }, at) => {
    const path = index(field, at)
    const errors = name === '' ? [] : portNameErrors(name)
    const repeated = errors.length === 0 && names.has(name)
    if (errors.length === 0 && name !== '') names.add(name)
    return [
      ...invalidEach(child(path, 'name'), name, errors),
      ...(repeated ? [duplicate(child(path, 'name'), name)] : []),
      ...(containerPort === 0
        ? [required(child(path, 'containerPort'))]
        : invalidEach(child(path, 'containerPort'), containerPort, portNumberErrors(containerPort))),
      ...(hostPort === 0 ? [] : invalidEach(child(path, 'hostPort'), hostPort, portNumberErrors(hostPort))),
      ...oneOf(child(path, 'protocol'), protocol, protocols),
    ]
  })
}

function validateResizePolicy(
  field: string,
  policies: NonNullable<Container['resizePolicy']>,
  podPolicy: string | undefined,
): Errors {
  const seen = new Set<string>()
  return policies.flatMap(({ resourceName, restartPolicy }, at) => {
    const repeated = seen.has(resourceName)
    seen.add(resourceName)
    return [
      ...(repeated ? [duplicate(index(field, at), resourceName)] : []),
      ...oneOf(field, resourceName, ['cpu', 'memory']),
      ...oneOf(field, restartPolicy, ['NotRequired', 'RestartContainer']),
      ...(podPolicy === 'Never' && restartPolicy !== 'NotRequired'
        ? [invalid(field, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")]
        : []),
    ]
  })
}

const restartPolicies = ['Always', 'Never', 'OnFailure']

function validateRestart(field: string, { restartPolicy, restartPolicyRules = [] }: Container): Errors {
  const rules = child(field, 'restartPolicyRules')
  const policy = child(field, 'restartPolicy')
  return [
    ...(restartPolicy === undefined && restartPolicyRules.length > 0
      ? [required(policy, 'must specify restartPolicy when restart rules are used')]
      : []),
    ...(restartPolicy !== undefined && !restartPolicies.includes(restartPolicy)
      ? [notSupported(policy, restartPolicy, restartPolicies)]
      : []),
    ...(restartPolicyRules.length > 20 ? [tooMany(rules, restartPolicyRules.length, 20)] : []),
    ...restartPolicyRules.flatMap((rule, at) => validateRestartRule(index(rules, at), rule)),
  ]
}

function validateRestartRule(
  field: string,
  { action, exitCodes }: NonNullable<Container['restartPolicyRules']>[number],
): Errors {
  const actions = ['Restart', 'RestartAllContainers']
  const codes = child(field, 'exitCodes')
  return [
    ...(actions.includes(action) ? [] : [notSupported(child(field, 'action'), action, actions)]),
    ...(exitCodes === undefined ? [required(codes, 'must be specified')] : []),
    ...(exitCodes !== undefined && !['In', 'NotIn'].includes(exitCodes.operator)
      ? [notSupported(child(codes, 'operator'), exitCodes.operator, ['In', 'NotIn'])]
      : []),
    ...((exitCodes?.values ?? []).length > 255
      ? [tooMany(child(codes, 'values'), exitCodes?.values?.length ?? 0, 255)]
      : []),
  ]
}

/** One host port of a protocol and address for one container. */
function hostPortConflicts(field: string, containers: readonly Container[]): Errors {
  const seen = new Set<string>()
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort = 0, protocol = '', hostIP = '' }, at) => {
      const key = `${protocol}/${hostIP}/${hostPort}`
      const taken = seen.has(key)
      if (hostPort !== 0) seen.add(key)
      const path = child(index(child(index(field, container), 'ports'), at), 'hostPort')
      return hostPort !== 0 && taken ? [duplicate(path, key)] : []
    }),
  )
}

export function validateContainers(field: string, spec: PodSpec, volumes: Volumes): Errors {
  const containers = spec.containers ?? []
  if (containers.length === 0) return [required(field)]
  const names = new Set<string>()
  const grace = spec.terminationGracePeriodSeconds
  return [
    ...containers.flatMap((container, at) => {
      const path = index(field, at)
      const repeated = names.has(container.name)
      names.add(container.name)
      return [
        ...validateCommon(path, container, spec, volumes),
        ...(repeated ? [duplicate(child(path, 'name'), container.name ?? '')] : []),
        ...(container.lifecycle === undefined
          ? []
          : validateLifecycle(child(path, 'lifecycle'), container.lifecycle, grace)),
        ...validateProbes(path, container, grace),
        ...validateRestart(path, container),
      ]
    }),
    ...hostPortConflicts(field, containers),
  ]
}

export function validateInitContainers(field: string, spec: PodSpec, volumes: Volumes): Errors {
  const names = new Set((spec.containers ?? []).map((container) => container.name))
  return (spec.initContainers ?? []).flatMap((container, at) => {
    const path = index(field, at)
    const { name = '' } = container
    const repeated = names.has(name)
    if (name !== '') names.add(name)
    return [
      ...validateCommon(path, container, spec, volumes),
      ...validateRestart(path, container),
      ...(repeated ? [duplicate(child(path, 'name'), name)] : []),
      ...hostPortConflicts(field, [container]),
      ...validateInitHooks(path, container, spec),
    ]
  })
}

/** Only sidecars run long enough to be probed. */
function validateInitHooks(field: string, container: Container, spec: PodSpec): Errors {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe, resizePolicy = [] } = container
  const grace = spec.terminationGracePeriodSeconds
  if (container.restartPolicy === 'Always') {
    return [
      ...(lifecycle === undefined ? [] : validateLifecycle(child(field, 'lifecycle'), lifecycle, grace)),
      ...validateProbes(field, container, grace),
    ]
  }
  const hooks = Object.entries({ lifecycle, livenessProbe, readinessProbe, startupProbe })
  return [
    ...hooks.flatMap(([name, hook]) => (hook === undefined ? [] : [forbidden(child(field, name), onlySidecars)])),
    ...resizePolicy.flatMap(({ restartPolicy }, at) =>
      restartPolicy === 'RestartContainer'
        ? [
            invalid(
              child(index(child(field, 'resizePolicy'), at), 'restartPolicy'),
              restartPolicy,
              "must not be set to 'RestartContainer' for non-sidecar initContainers",
            ),
          ]
        : [],
    ),
  ]
}

const cannotBeEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

export function validateEphemeralContainers(field: string, spec: PodSpec, volumes: Volumes): Errors {
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.name)
  const names = new Set(others)
  return (spec.ephemeralContainers ?? []).flatMap((container, at) => {
    const path = index(field, at)
    const { name, targetContainerName = '' } = container
    const repeated = names.has(name)
    names.add(name)
    return [
      ...validateCommon(path, container, spec, volumes),
      ...validateImageBlanks(path, container),
      ...(repeated ? [duplicate(child(path, 'name'), name)] : []),
      ...(targetContainerName !== '' && !others.includes(targetContainerName)
        ? [notFound(child(path, 'targetContainerName'), targetContainerName)]
        : []),
      ...validateEphemeralFields(path, container),
    ]
  })
}

function validateEphemeralFields(field: string, container: EphemeralContainer): Errors {
  const cannot = 'cannot be set for an Ephemeral Container'
  const set = cannotBeEphemeral.filter((name) => {
    const value = container[name]
    return value !== undefined && Object.keys(value).length > 0
  })
  return [
    ...set.map((name) => forbidden(child(field, name), cannot)),
    ...(container.volumeMounts ?? []).flatMap(({ subPath = '', subPathExpr = '' }, at) => {
      const path = index(child(field, 'volumeMounts'), at)
      return [
        ...(subPath === '' ? [] : [forbidden(child(path, 'subPath'), cannot)]),
        ...(subPathExpr === '' ? [] : [forbidden(child(path, 'subPathExpr'), cannot)]),
      ]
    }),
  ]
}

/** Of pods only: templates may have them, for old times' sake. */
export function validateImageBlanks(field: string, { image = '' }: Pick<Container, 'image'>): Errors {
  if (image === image.trim()) return []
  return [invalid(child(field, 'image'), image, 'must not have leading or trailing whitespace')]
}
