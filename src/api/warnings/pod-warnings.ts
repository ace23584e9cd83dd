import type {
  Container,
  ContainerPort,
  ObjectMeta,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
} from '../kinds.generated.ts'
import { child, entriesOf, index, keyed } from '../validation/field-error.ts'
import { deprecatedLabel, fraction, nodeTermWarnings, type Warnings } from './field-warnings.ts'
import { volumeWarnings } from './volume-warnings.ts'

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

const seccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const noPods = 'a null labelSelector results in matching no pod'

/** What a pod's author should know though it is allowed: pkg/api/pod of Kubernetes 1.36. `field` is '' for a pod itself. */
export function podWarnings(field: string, { metadata = {}, spec }: PodTemplateSpec): Warnings {
  if (spec === undefined) return []
  const at = child(field, 'spec')
  return [
    ...nodeSelectorWarnings(child(at, 'nodeSelector'), spec.nodeSelector),
    ...nodeAffinityWarnings(child(at, 'affinity', 'nodeAffinity'), spec),
    ...spreadWarnings(child(at, 'topologySpreadConstraints'), spec),
    ...annotationWarnings(child(field, 'metadata', 'annotations'), metadata),
    ...volumeWarnings(child(at, 'volumes'), spec.volumes ?? []),
    ...repeated(
      child(at, 'hostAliases'),
      'ip',
      (spec.hostAliases ?? []).map(({ ip }) => ip),
    ),
    ...repeated(
      child(at, 'imagePullSecrets'),
      'name',
      (spec.imagePullSecrets ?? []).map(({ name = '' }) => name),
    ),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name = '' }, place) =>
      name === '' ? [`${child(index(child(at, 'imagePullSecrets'), place), 'name')}: invalid empty name ""`] : [],
    ),
    ...fractions(child(at, 'overhead'), spec.overhead),
    ...seccompWarnings(child(field, 'metadata', 'annotations'), metadata, spec),
    ...containersOf(spec).flatMap(([name, list]) =>
      list.flatMap((container, place) => containerWarnings(index(child(at, name), place), container)),
    ),
    ...portWarnings(at, spec),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [
          `${child(at, 'terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...podAffinityWarnings(child(at, 'affinity'), spec),
  ]
}

function containersOf(spec: PodSpec): readonly (readonly [name: string, list: readonly Container[]])[] {
  return [
    ['initContainers', spec.initContainers ?? []],
    ['containers', spec.containers],
    ['ephemeralContainers', (spec.ephemeralContainers ?? []) as readonly Container[]],
  ]
}

export function nodeSelectorWarnings(field: string, selector: PodSpec['nodeSelector']): Warnings {
  return entriesOf(selector).flatMap(([key]) => {
    const message = deprecatedLabel(key)
    return message === undefined ? [] : [`${keyed(field, key)}: ${message}`]
  })
}

function nodeAffinityWarnings(field: string, { affinity }: PodSpec): Warnings {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed, preferredDuringSchedulingIgnoredDuringExecution } =
    affinity?.nodeAffinity ?? {}
  const neededPath = child(field, 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')
  const preferredPath = child(field, 'preferredDuringSchedulingIgnoredDuringExecution')
  return [
    ...(needed?.nodeSelectorTerms ?? []).flatMap((term, at) => nodeTermWarnings(index(neededPath, at), term, false)),
    ...(preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ preference }, at) =>
      nodeTermWarnings(child(index(preferredPath, at), 'preference'), preference, true),
    ),
  ]
}

function spreadWarnings(field: string, { topologySpreadConstraints = [] }: PodSpec): Warnings {
  return topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, at) => {
    const message = deprecatedLabel(topologyKey)
    const path = index(field, at)
    return [
      ...(message === undefined ? [] : [`${child(path, 'topologyKey')}: ${topologyKey} is ${message}`]),
      ...(labelSelector === undefined ? [`${child(path, 'labelSelector')}: ${noPods}`] : []),
    ]
  })
}

function annotationWarnings(field: string, { annotations = {} }: ObjectMeta): Warnings {
  return Object.entries(deprecatedAnnotations).flatMap(([key, message]) =>
    annotations[key] === undefined ? [] : [`${keyed(field, key)}: ${message}`],
  )
}

function seccompWarnings(field: string, { annotations = {} }: ObjectMeta, spec: PodSpec): Warnings {
  const podKey = 'seccomp.security.alpha.kubernetes.io/pod'
  const ofContainer = (name: string): string => `container.seccomp.security.alpha.kubernetes.io/${name}`
  const own = spec.securityContext?.seccompProfile === undefined && annotations[podKey] !== undefined
  const named = containersOf(spec)
    .flatMap(([, list]) => list)
    .filter(({ securityContext }) => securityContext?.seccompProfile === undefined)
    .map(({ name }) => ofContainer(name))
    .filter((key) => annotations[key] !== undefined)
  return [...(own ? [podKey] : []), ...named].map((key) => `${keyed(field, key)}: ${seccomp}`)
}

function repeated(field: string, name: string, values: readonly string[]): Warnings {
  return values.flatMap((value, at) =>
    values.indexOf(value) < at ? [`${child(index(field, at), name)}: duplicate ${name} ${JSON.stringify(value)}`] : [],
  )
}

/** Bytes come whole. */
function fractions(field: string, amounts: Readonly<Record<string, string>> | undefined): Warnings {
  return ['memory', 'ephemeral-storage'].flatMap((name) => fraction(keyed(field, name), amounts?.[name]))
}

function containerWarnings(field: string, { resources, env = [] }: Container): Warnings {
  const [limits, requests] = [child(field, 'resources', 'limits'), child(field, 'resources', 'requests')]
  return [
    ...['memory', 'ephemeral-storage'].flatMap((name) => [
      ...fraction(keyed(limits, name), resources?.limits?.[name]),
      ...fraction(keyed(requests, name), resources?.requests?.[name]),
    ]),
    ...env.flatMap(({ name, value = '', valueFrom }, at) => {
      const isKnown = env.findIndex((other) => other.name === name) < at
      const own = `$(${name})`
      // "A": "$(A) and more" goes on from what was there.
      const goesOn = valueFrom === undefined && value !== own && value.includes(own)
      const message = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`
      return isKnown && !goesOn ? [`${index(child(field, 'env'), at)}: ${message}`] : []
    }),
  ]
}

type PlacedPort = Readonly<{ field: string; port: ContainerPort }>

function portWarnings(field: string, spec: PodSpec): Warnings {
  const placed: readonly PlacedPort[] = containersOf(spec).flatMap(([name, list]) =>
    list.flatMap(({ ports = [] }, at) =>
      ports.map((port, place) => ({ field: index(child(index(child(field, name), at), 'ports'), place), port })),
    ),
  )
  return [
    ...placed.flatMap((one, at) => [
      ...hostIpWarning(one),
      ...placed.slice(0, at).flatMap((other) => overlapWarning(one, other)),
    ]),
    ...placed.flatMap((one, at) => portNameWarning(one, placed.slice(0, at))),
  ]
}

function hostIpWarning({ field, port }: PlacedPort): Warnings {
  const { name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' } = port
  if (hostIP === '' || hostPort !== 0) return []
  const shown = `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
  return [`${field}: hostIP set without hostPort: ${shown}`]
}

function overlapWarning({ field, port }: PlacedPort, { field: otherField, port: other }: PlacedPort): Warnings {
  if (port.containerPort !== other.containerPort || port.protocol !== other.protocol) return []
  const [hostPort, otherPort] = [port.hostPort ?? 0, other.hostPort ?? 0]
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? '']
  if (ip === otherIp && hostPort === otherPort) return [`${field}: duplicate port definition with ${otherField}`]
  if (hostPort === 0 || otherPort === 0) return [`${field}: overlapping port definition with ${otherField}`]
  const isAmbiguous = hostPort === otherPort && (ip === '') !== (otherIp === '')
  return isAmbiguous ? [`${field}: dangerously ambiguous port definition with ${otherField}`] : []
}

function portNameWarning({ field, port: { name = '' } }: PlacedPort, before: readonly PlacedPort[]): Warnings {
  const other = name === '' ? undefined : before.find(({ port }) => port.name === name)?.field
  if (other === undefined) return []
  const chosen = `services and probes that select ports by name will use ${other}`
  return [`${field}: duplicate port name ${JSON.stringify(name)} with ${other}, ${chosen}`]
}

function podAffinityWarnings(field: string, { affinity }: PodSpec): Warnings {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((name) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: needed, preferredDuringSchedulingIgnoredDuringExecution } =
      affinity?.[name] ?? {}
    const path = child(field, name)
    const preferredPath = child(path, 'preferredDuringSchedulingIgnoredDuringExecution')
    const warn = (at: string, { labelSelector }: PodAffinityTerm): Warnings =>
      labelSelector === undefined ? [`${child(at, 'labelSelector')}: ${noPods}`] : []
    return [
      ...(needed ?? []).flatMap((term, at) =>
        warn(index(child(path, 'requiredDuringSchedulingIgnoredDuringExecution'), at), term),
      ),
      ...(preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }, at) =>
        warn(child(index(preferredPath, at), 'podAffinityTerm'), podAffinityTerm),
      ),
    ]
  })
}
