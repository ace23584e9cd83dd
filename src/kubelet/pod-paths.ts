import type { KubeletPod } from './pod-containers.ts'

/** Where a pod's things lie below the kubelet's folder. */
export function podDirectory(root: string, uid: string): string {
  return `${root}/pods/${uid}`
}

export function podLogDirectory(root: string, pod: Readonly<{ namespace: string; name: string; uid: string }>): string {
  return `${root}/log/${pod.namespace}_${pod.name}_${pod.uid}`
}

export function containerLogPath(root: string, pod: KubeletPod, container: string, attempt: number): string {
  const { namespace = '', name, uid } = pod.metadata
  return `${podLogDirectory(root, { namespace, name, uid })}/${container}/${attempt}.log`
}

/** The file that a container writes its last words to. */
export function terminationLogPath(root: string, uid: string, container: string, attempt: number): string {
  return `${podDirectory(root, uid)}/containers/${container}/${attempt}`
}

/** One tmpfs holds what must not reach a disk: secrets and tokens of all pods. */
export function memoryDirectory(root: string): string {
  return `${root}/memory`
}
