import { isJsonObject, type JsonObject } from '../../api/json-value.ts'
import type { Pod } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { podQosClass } from '../../api/pod-qos.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Strategy } from './strategy.ts'

export const podStrategy: Strategy = {
  deleteReturnsObject: true,
  prepareCreate(pod, { nowMs }) {
    const gated = gatedConditions(pod, nowMs)
    return { ...pod, status: { phase: 'Pending', ...gated, qosClass: podQosClass(specOf(pod)) } }
  },
  prepareStatus(after, before) {
    // The kubelet does not know the class that was given at creation; nobody changes owners through status.
    const status = isJsonObject(after.status) ? after.status : {}
    const qosClass = (status.qosClass ?? '') === '' ? statusOf(before).qosClass : status.qosClass
    const { ownerReferences: _, ...metadata } = after.metadata
    const owners = before.metadata.ownerReferences
    const kept = owners === undefined ? metadata : { ...metadata, ownerReferences: owners }
    return { ...after, metadata: kept, status: qosClass === undefined ? status : { ...status, qosClass } }
  },
  /** The pod's own period unless asked otherwise; none where nothing runs. */
  gracePeriodSeconds(pod, asked) {
    const { spec, status } = pod as Pod
    const isEnded = status?.phase === 'Failed' || status?.phase === 'Succeeded'
    if ((spec?.nodeName ?? '') === '' || isEnded) return 0
    const period = asked ?? spec?.terminationGracePeriodSeconds ?? 0
    return period < 0 ? 1 : period
  },
}

/** Why the scheduler leaves a gated pod alone. */
function gatedConditions(pod: ApiObject, nowMs: number): JsonObject {
  const { schedulingGates } = specOf(pod)
  if (!Array.isArray(schedulingGates) || schedulingGates.length === 0) return {}
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: timestampOf(nowMs),
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  }
  return { conditions: [condition] }
}

function specOf(pod: ApiObject): JsonObject {
  return isJsonObject(pod.spec) ? pod.spec : {}
}

function statusOf(pod: ApiObject): JsonObject {
  return isJsonObject(pod.status) ? pod.status : {}
}
