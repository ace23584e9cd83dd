import type { Container, ObjectMeta, PodSpec, SecurityContext } from '../kinds.generated.ts'

export type CheckedPod = Readonly<{ metadata: ObjectMeta; spec: PodSpec }>

/** Why a pod is not secure enough: in a word, and at length. Worded as k8s.io/pod-security-admission does. */
export type Violation = Readonly<{ reason: string; detail: string }>

export type Check = (pod: CheckedPod) => Violation | undefined

type Contained = Pick<Container, 'name' | 'image' | 'securityContext' | 'ports' | 'lifecycle'> &
  Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe'>

/** All containers, in the order in which they are judged. */
export function containersOf({ initContainers, containers, ephemeralContainers }: PodSpec): readonly Contained[] {
  return [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])]
}

export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(', ')
}

export function sortedSet(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort()
}

export function counted(word: string, count: number): string {
  return count === 1 ? word : `${word}s`
}

/** 'containers "a", "b"'. */
export function named(word: string, names: readonly string[]): string {
  return `${counted(word, names.length)} ${quoted(names)}`
}

/** 'pod and container "a"': who sets something to what it must not be. */
export function settersOf(isPodBad: boolean, badContainers: readonly string[]): readonly string[] {
  return [...(isPodBad ? ['pod'] : []), ...(badContainers.length === 0 ? [] : [named('container', badContainers)])]
}

/** Names of the containers of whose security context that is true. */
export function containersWith(
  spec: PodSpec,
  isBad: (context: SecurityContext | undefined, container: Contained) => boolean,
): readonly string[] {
  return containersOf(spec)
    .filter((container) => isBad(container.securityContext, container))
    .map(({ name }) => name)
}

/** A pod that cannot be root outside may be root inside. */
export function hasUserNamespace({ hostUsers }: PodSpec): boolean {
  return hostUsers === false
}

/** What such a pod must not set, validation has refused before. */
export function isWindows({ os }: PodSpec): boolean {
  return os?.name === 'windows'
}
