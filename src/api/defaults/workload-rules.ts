// Defaults of the kinds that run pods: apps, batch and autoscaling.
import type { JsonObject } from '../json-value.ts'
import { fill, filling, inSpec, listAt, mapSame, type Rule, structAt, withField } from './rule.ts'

function deployment(spec: JsonObject): JsonObject {
  const strategy = fill(structAt(spec, 'strategy'), { type: 'RollingUpdate' })
  const filled = fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
  return withField(filled, 'strategy', rolling(strategy, { maxUnavailable: '25%', maxSurge: '25%' }))
}

/** The parameters of rolling updates, where updates are rolling. */
function rolling(strategy: JsonObject, parameters: JsonObject): JsonObject {
  if (strategy.type !== 'RollingUpdate') return strategy
  return withField(strategy, 'rollingUpdate', fill(structAt(strategy, 'rollingUpdate'), parameters))
}

function daemonSet(spec: JsonObject): JsonObject {
  const strategy = fill(structAt(spec, 'updateStrategy'), { type: 'RollingUpdate' })
  const filled = fill(spec, { revisionHistoryLimit: 10 })
  return withField(filled, 'updateStrategy', rolling(strategy, { maxUnavailable: 1, maxSurge: 0 }))
}

function statefulSet(spec: JsonObject): JsonObject {
  const given = structAt(spec, 'updateStrategy')
  const strategy = fill(given, { type: 'RollingUpdate', ...(given.type === undefined ? { rollingUpdate: {} } : {}) })
  const hasParameters = strategy.rollingUpdate !== undefined
  const retention = fill(structAt(spec, 'persistentVolumeClaimRetentionPolicy'), {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  })
  const filled = fill(spec, { podManagementPolicy: 'OrderedReady', replicas: 1, revisionHistoryLimit: 10 })
  const updated = withField(filled, 'updateStrategy', hasParameters ? rolling(strategy, { partition: 0 }) : strategy)
  return claimTemplates(withField(updated, 'persistentVolumeClaimRetentionPolicy', retention))
}

/** The claims of a stateful set are whole objects, and say so. */
function claimTemplates(spec: JsonObject): JsonObject {
  const templates = listAt(spec, 'volumeClaimTemplates')
  if (templates.length === 0) return spec
  const named = mapSame(templates, filling({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }))
  return withField(spec, 'volumeClaimTemplates', named)
}

function job(object: JsonObject): JsonObject {
  const spec = structAt(object, 'spec')
  const isPlain = spec.completions === undefined && spec.parallelism === undefined
  const filled = fill(spec, {
    ...(isPlain ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  })
  return labelsOfTemplate(withField(object, 'spec', filled))
}

/** Kinds of old take their labels from the template. */
function labelsOfTemplate(object: JsonObject): JsonObject {
  const labels = structAt(structAt(structAt(object, 'spec'), 'template'), 'metadata').labels
  const metadata = structAt(object, 'metadata')
  return labels === undefined || metadata.labels !== undefined
    ? object
    : { ...object, metadata: { ...metadata, labels } }
}

function replicationController(object: JsonObject): JsonObject {
  const spec = structAt(object, 'spec')
  const labels = structAt(structAt(spec, 'template'), 'metadata').labels
  const filled = labels === undefined ? spec : fill(spec, { selector: labels })
  return labelsOfTemplate(withField(object, 'spec', filled))
}

const cronJob = filling({
  concurrencyPolicy: 'Allow',
  suspend: false,
  successfulJobsHistoryLimit: 3,
  failedJobsHistoryLimit: 1,
})

/** Up: four pods or double, whichever is more. */
const scaleUp = filling({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
})
const scaleDown = filling({ selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] })

/** Without metrics, CPU at 80 % of what is requested. */
const cpuMetric = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

function autoscaler(spec: JsonObject): JsonObject {
  const filled = fill(spec, { minReplicas: 1, metrics: [cpuMetric] })
  if (filled.behavior === undefined) return filled
  const behavior = structAt(filled, 'behavior')
  const up = scaleUp(structAt(behavior, 'scaleUp'))
  const down = scaleDown(structAt(behavior, 'scaleDown'))
  return withField(filled, 'behavior', withField(withField(behavior, 'scaleUp', up), 'scaleDown', down))
}

export const workloadRules: Readonly<Record<string, Rule>> = {
  'io.k8s.api.apps.v1.Deployment': inSpec(deployment),
  'io.k8s.api.apps.v1.ReplicaSet': inSpec(filling({ replicas: 1 })),
  'io.k8s.api.apps.v1.DaemonSet': inSpec(daemonSet),
  'io.k8s.api.apps.v1.StatefulSet': inSpec(statefulSet),
  'io.k8s.api.core.v1.ReplicationController': replicationController,
  'io.k8s.api.batch.v1.Job': job,
  'io.k8s.api.batch.v1.CronJob': inSpec(cronJob),
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern': filling({ status: 'True' }),
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler': inSpec(filling({ minReplicas: 1 })),
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler': inSpec(autoscaler),
}
