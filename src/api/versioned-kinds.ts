import { coreEvent, eventsEvent } from './conversion/event.ts'
import { autoscalerOfV1, autoscalerToV1 } from './conversion/horizontal-pod-autoscaler.ts'
import { versionOf } from './conversion/version-of.ts'
import { coreKinds } from './core-kinds.ts'
import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'
import { workloadKinds } from './workload-kinds.ts'

/** Further versions of kinds that are stored in another one. How to add one is said in versioning.ts. */
export const versionedKinds = {
  eventsV1: define<k.EventsV1Event>('events.k8s.io/v1', 'Event', 'events', 'Namespaced', {
    shortNames: ['ev'],
    versioning: versionOf(coreKinds.events, coreEvent, eventsEvent),
  }),
  horizontalPodAutoscalersV1: define<k.HorizontalPodAutoscaler>(
    'autoscaling/v1',
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
    'Namespaced',
    {
      shortNames: ['hpa'],
      categories: ['all'],
      status: true,
      versioning: versionOf(workloadKinds.horizontalPodAutoscalers, autoscalerOfV1, autoscalerToV1),
    },
  ),
} as const
