import { replicaPaths } from './core-kinds.ts'
import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'

const all = ['all']

export const workloadKinds = {
  deployments: define<k.Deployment>('apps/v1', 'Deployment', 'deployments', 'Namespaced', {
    shortNames: ['deploy'],
    categories: all,
    status: true,
    generation: true,
    scale: replicaPaths,
  }),
  replicaSets: define<k.ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets', 'Namespaced', {
    shortNames: ['rs'],
    categories: all,
    status: true,
    generation: true,
    scale: replicaPaths,
  }),
  daemonSets: define<k.DaemonSet>('apps/v1', 'DaemonSet', 'daemonsets', 'Namespaced', {
    shortNames: ['ds'],
    categories: all,
    status: true,
    generation: true,
  }),
  controllerRevisions: define<k.ControllerRevision>(
    'apps/v1',
    'ControllerRevision',
    'controllerrevisions',
    'Namespaced',
    {},
  ),
  jobs: define<k.Job>('batch/v1', 'Job', 'jobs', 'Namespaced', { categories: all, status: true, generation: true }),
  statefulSets: define<k.StatefulSet>('apps/v1', 'StatefulSet', 'statefulsets', 'Namespaced', {
    shortNames: ['sts'],
    categories: all,
    status: true,
    generation: true,
    scale: replicaPaths,
  }),
  cronJobs: define<k.CronJob>('batch/v1', 'CronJob', 'cronjobs', 'Namespaced', {
    shortNames: ['cj'],
    categories: all,
    status: true,
    generation: true,
  }),
  horizontalPodAutoscalers: define<k.V2HorizontalPodAutoscaler>(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
    'Namespaced',
    { shortNames: ['hpa'], categories: all, status: true },
  ),
  podDisruptionBudgets: define<k.PodDisruptionBudget>(
    'policy/v1',
    'PodDisruptionBudget',
    'poddisruptionbudgets',
    'Namespaced',
    { shortNames: ['pdb'], status: true, generation: true },
  ),
  priorityClasses: define<k.PriorityClass>('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', 'Cluster', {
    shortNames: ['pc'],
    generation: true,
  }),
  runtimeClasses: define<k.RuntimeClass>('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', 'Cluster', {}),
} as const
