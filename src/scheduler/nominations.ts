import type { PodInfo } from './pod-info.ts'

/** Which pods wait for which node, since others were preempted there for them. */
export interface Nominations {
  /** undefined or '': no longer any. */
  set(info: PodInfo, nodeName: string | undefined): void
  to(nodeName: string): readonly PodInfo[]
}

export function makeNominations(): Nominations {
  const byNode = new Map<string, Map<string, PodInfo>>()
  const nodeOf = new Map<string, string>()
  const drop = (uid: string): void => {
    const nodeName = nodeOf.get(uid)
    if (nodeName === undefined) return
    nodeOf.delete(uid)
    const pods = byNode.get(nodeName)
    pods?.delete(uid)
    if (pods?.size === 0) byNode.delete(nodeName)
  }
  return {
    set(info, nodeName) {
      drop(info.uid)
      if (nodeName === undefined || nodeName === '') return
      nodeOf.set(info.uid, nodeName)
      byNode.set(nodeName, (byNode.get(nodeName) ?? new Map<string, PodInfo>()).set(info.uid, info))
    },
    to: (nodeName) => {
      const pods = byNode.get(nodeName)
      return pods === undefined ? none : [...pods.values()]
    },
  }
}

const none: readonly PodInfo[] = []
