import type { Lease, Node, NodeCondition } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'

/** When each node was last heard of, by this process's own clock: those of the nodes may be wrong. Bounded by the number of nodes. */
export type NodeHealth = Readonly<{
  /** Milliseconds since the epoch: the time at which a newer heartbeat or Lease was last seen. */
  heardMs(node: Stored<Node>, lease: Stored<Lease> | undefined, nowMs: number): number
  /** True once for each node. */
  isNew(node: Stored<Node>): boolean
  /** As if all had been heard of now: after a time in which nobody could be. */
  resetAll(nowMs: number): void
  /** False where the node was not known. */
  forget(name: string): boolean
}>

type Record = { uid: string; heartbeat: string; renewTime: string; heardMs: number }

export function nodeHealth(): NodeHealth {
  const records = new Map<string, Record>()
  const greeted = new Map<string, string>()
  return {
    heardMs(node, lease, nowMs) {
      const { name, uid } = node.metadata
      const heartbeat = readyCondition(node)?.lastHeartbeatTime ?? ''
      const renewTime = lease?.spec.renewTime ?? ''
      const known = records.get(name)
      if (known?.uid === uid && known.heartbeat === heartbeat && known.renewTime === renewTime) return known.heardMs
      // A node that has never said anything is counted from its creation.
      const isSilent = heartbeat === '' && renewTime === ''
      const heardMs = isSilent ? (msOfTimestamp(node.metadata.creationTimestamp) ?? nowMs) : nowMs
      records.set(name, { uid, heartbeat, renewTime, heardMs })
      return heardMs
    },
    isNew({ metadata: { name, uid } }) {
      if (greeted.get(name) === uid) return false
      greeted.set(name, uid)
      return true
    },
    resetAll(nowMs) {
      for (const record of records.values()) record.heardMs = nowMs
    },
    forget(name) {
      records.delete(name)
      return greeted.delete(name)
    },
  }
}

export function readyCondition({ status }: Stored<Node>): NodeCondition | undefined {
  return status.conditions?.find(({ type }) => type === 'Ready')
}

export function isNodeReady(node: Stored<Node>): boolean {
  return readyCondition(node)?.status === 'True'
}
