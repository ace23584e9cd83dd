import type { Container, Pod } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'

/** A pod as the API server returns it. */
export type KubeletPod = Stored<Pod>

/** Which list of the pod's spec a container stands in. A sidecar is an init container that runs as long as the pod does. */
export type ContainerRole = 'init' | 'sidecar' | 'regular' | 'ephemeral'

/** 'name_namespace(uid)': how the kubelet's messages name a pod. */
export function podLabel({ metadata }: KubeletPod): string {
  return `${metadata.name}_${metadata.namespace ?? ''}(${metadata.uid})`
}

/** Init container with restartPolicy Always. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

export function roleOf(pod: KubeletPod, name: string): ContainerRole | undefined {
  const init = pod.spec.initContainers?.find((container) => container.name === name)
  if (init !== undefined) return isSidecar(init) ? 'sidecar' : 'init'
  if (pod.spec.containers.some((container) => container.name === name)) return 'regular'
  return pod.spec.ephemeralContainers?.some((container) => container.name === name) ? 'ephemeral' : undefined
}

/** Init, regular and ephemeral containers, in this order. */
export function allContainers({ spec }: KubeletPod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]
}

export function containerNamed(pod: KubeletPod, name: string): Container | undefined {
  return allContainers(pod).find((container) => container.name === name)
}

export function isInitContainer({ spec }: KubeletPod, name: string): boolean {
  return spec.initContainers?.some((container) => container.name === name) ?? false
}

/** A volume that is an image, in the shape of a container, by which images are asked for. No container has such a name. */
export function volumeImage({ spec }: KubeletPod, volume: string): Container | undefined {
  const image = spec.volumes?.find(({ name }) => name === volume)?.image
  if (image === undefined) return undefined
  const { reference = '', pullPolicy } = image
  return { name: `volume ${volume}`, image: reference, ...(pullPolicy && { imagePullPolicy: pullPolicy }) }
}

/** The field by which kubectl and events name a container: 'spec.containers{web}'. */
export function containerFieldPath(pod: KubeletPod, name: string): string {
  const role = roleOf(pod, name)
  if (role === 'init' || role === 'sidecar') return `spec.initContainers{${name}}`
  return role === 'ephemeral' ? `spec.ephemeralContainers{${name}}` : `spec.containers{${name}}`
}

/** Containers that have probes: all regular ones, and sidecars. */
export function probedContainers({ spec }: KubeletPod): readonly Container[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]
}

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/** The number or name of a port, resolved against the container's ports; undefined when there is no such name. */
export function resolvePort(port: number | string, container: Container): number | undefined {
  if (typeof port === 'number') return port
  if (/^\d+$/.test(port)) return Number(port)
  return container.ports?.find(({ name }) => name === port)?.containerPort
}
