import { coreKinds } from '../core-kinds.ts'
import { workloadKinds } from '../workload-kinds.ts'
import * as autoscaler from './autoscaler.ts'
import * as classes from './classes.ts'
import * as cronJob from './cron-job.ts'
import * as budget from './disruption-budget.ts'
import { validateLimitRange } from './limit-range.ts'
import * as volume from './persistent-volume.ts'
import * as claim from './persistent-volume-claim.ts'
import * as controller from './replication-controller.ts'
import * as quota from './resource-quota.ts'
import { type KindRules, rulesOf } from './rules.ts'
import * as statefulSet from './stateful-set.ts'

const kinds = { ...coreKinds, ...workloadKinds }

/** Of what makes, keeps and limits pods, and of what they store. */
export const workloadRules: KindRules = [
  [
    kinds.podTemplates,
    rulesOf(kinds.podTemplates, controller.validateStoredTemplate, controller.validateStoredTemplateUpdate),
  ],
  [
    kinds.replicationControllers,
    rulesOf(
      kinds.replicationControllers,
      controller.validateReplicationController,
      controller.validateReplicationControllerUpdate,
      { status: controller.validateReplicationControllerStatusUpdate },
    ),
  ],
  [kinds.limitRanges, rulesOf(kinds.limitRanges, validateLimitRange, validateLimitRange)],
  [
    kinds.resourceQuotas,
    rulesOf(kinds.resourceQuotas, quota.validateResourceQuota, quota.validateResourceQuotaUpdate, {
      status: quota.validateResourceQuotaStatusUpdate,
    }),
  ],
  [
    kinds.persistentVolumes,
    rulesOf(kinds.persistentVolumes, volume.validateVolume, volume.validateVolumeUpdate, {
      status: volume.validateVolumeStatusUpdate,
    }),
  ],
  [
    kinds.persistentVolumeClaims,
    rulesOf(kinds.persistentVolumeClaims, claim.validateClaim, claim.validateClaimUpdate, {
      status: claim.validateClaimStatusUpdate,
    }),
  ],
  [
    kinds.statefulSets,
    rulesOf(kinds.statefulSets, statefulSet.validateStatefulSet, statefulSet.validateStatefulSetUpdate, {
      status: statefulSet.validateStatefulSetStatusUpdate,
    }),
  ],
  [
    kinds.cronJobs,
    rulesOf(kinds.cronJobs, cronJob.validateCronJob, cronJob.validateCronJobUpdate, {
      status: cronJob.validateCronJobStatusUpdate,
    }),
  ],
  [
    kinds.horizontalPodAutoscalers,
    rulesOf(kinds.horizontalPodAutoscalers, autoscaler.validateAutoscaler, autoscaler.validateAutoscalerUpdate, {
      status: autoscaler.validateAutoscalerStatusUpdate,
    }),
  ],
  [
    kinds.podDisruptionBudgets,
    rulesOf(kinds.podDisruptionBudgets, budget.validateDisruptionBudget, budget.validateDisruptionBudget, {
      status: budget.validateDisruptionBudgetStatusUpdate,
    }),
  ],
  [
    kinds.priorityClasses,
    rulesOf(kinds.priorityClasses, classes.validatePriorityClass, classes.validatePriorityClassUpdate),
  ],
  [
    kinds.runtimeClasses,
    rulesOf(kinds.runtimeClasses, classes.validateRuntimeClass, classes.validateRuntimeClassUpdate),
  ],
]
