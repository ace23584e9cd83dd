import type { Pod, PodCondition } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { timestampOf } from '../api/wire-time.ts'
import { type Action, remove, targetOf } from './action.ts'

/** Why somebody else than its owner ends a pod. */
export function disruptionTarget(reason: string, message: string, nowMs: number): PodCondition {
  return { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: timestampOf(nowMs) }
}

/** Says why in the pod's status, and deletes it. */
export function disruptPod(pod: Stored<Pod>, why: PodCondition): readonly Action[] {
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [why] } }
  const target = targetOf(kinds.pods, pod)
  return [{ type: 'patch', target, patch: { type: 'strategic', body }, subresource: 'status' }, remove(target)]
}
