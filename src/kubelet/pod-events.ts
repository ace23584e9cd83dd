import type { ObjectReference } from '../api/kinds.generated.ts'
import type { EventRecorder, EventType } from '../client/event-recorder.ts'
import { containerFieldPath, type KubeletPod, roleOf } from './pod-containers.ts'

/** Records events about a pod, or one of its containers, as the original's references name them. */
export type PodEvents = Readonly<{
  pod(
    pod: KubeletPod,
    type: EventType,
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
  ): void
  container(pod: KubeletPod, container: string, type: EventType, reason: string, message: string): void
}>

export function podEvents(recorder: EventRecorder): PodEvents {
  return {
    pod: (pod, type, reason, message, annotations) =>
      recorder.event(referenceTo(pod), type, reason, message, annotations),
    container: (pod, container, type, reason, message) =>
      recorder.event(
        // An image that is a volume's is the pod's as a whole.
        roleOf(pod, container) === undefined
          ? referenceTo(pod)
          : { ...referenceTo(pod), fieldPath: containerFieldPath(pod, container) },
        type,
        reason,
        message,
      ),
  }
}

function referenceTo({ metadata }: KubeletPod): ObjectReference {
  const { name, namespace = '', uid, resourceVersion } = metadata
  return { apiVersion: 'v1', kind: 'Pod', name, namespace, uid, resourceVersion }
}
