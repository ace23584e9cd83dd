/**
 * autoscaling/v2 HorizontalPodAutoscaler, which is stored, and v1: what v1 has no fields for travels in annotations of it. Kubernetes:
 * pkg/apis/autoscaling/v1/conversion.go.
 */
import { isJsonObject, type JsonObject, objectAt } from '../json-value.ts'
import type { ApiObject } from '../object.ts'
import { behaviorOfAnnotation, behaviorText } from './autoscaler-behavior.ts'
import { metricSpecOfV1, metricSpecToV1, metricStatusOfV1, metricStatusToV1 } from './autoscaler-metric.ts'

const prefix = 'autoscaling.alpha.kubernetes.io'
const metricsKey = `${prefix}/metrics`
const statusesKey = `${prefix}/current-metrics`
const conditionsKey = `${prefix}/conditions`
const behaviorKey = `${prefix}/behavior`
const ours = [metricsKey, statusesKey, conditionsKey, behaviorKey].concat(
  ['up', 'down'].map((way) => `${prefix}/scale-${way}-tolerance`),
)
/** What a v1 object without any metric means. */
const defaultUtilization = 80

export function autoscalerToV1(object: ApiObject): ApiObject {
  const { metrics, behavior, minReplicas, maxReplicas, scaleTargetRef } = objectAt(object, 'spec')
  const { currentMetrics, conditions, ...counts } = objectAt(object, 'status')
  const specs = listOf(metrics)
  const others = specs.filter((metric) => cpuUtilization(metric, 'target') === undefined)
  const target = specs.map((metric) => cpuUtilization(metric, 'target')).find((each) => each !== undefined)
  const current = listOf(currentMetrics)
    .map((metric) => cpuUtilization(metric, 'current'))
    .findLast((each) => each !== undefined)
  const annotations = {
    ...withoutOurs(object.metadata.annotations),
    ...(others.length > 0 ? { [metricsKey]: JSON.stringify(others.map(metricSpecToV1)) } : {}),
    ...texts(statusesKey, listOf(currentMetrics).map(metricStatusToV1)),
    ...(isJsonObject(behavior) ? { [behaviorKey]: behaviorText(behavior) } : {}),
    ...texts(conditionsKey, listOf(conditions).map(conditionInOrder)),
  }
  return {
    ...rebuilt(object, 'autoscaling/v1', annotations),
    spec: {
      maxReplicas,
      ...(minReplicas === undefined ? {} : { minReplicas }),
      scaleTargetRef,
      ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }),
    },
    status: {
      currentReplicas: 0,
      ...counts,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  }
}

export function autoscalerOfV1(object: ApiObject): ApiObject {
  const { targetCPUUtilizationPercentage: target, minReplicas, maxReplicas, scaleTargetRef } = objectAt(object, 'spec')
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...counts } = objectAt(object, 'status')
  const annotations = object.metadata.annotations ?? {}
  const metrics = [
    ...(annotatedList(annotations[metricsKey])?.map(metricSpecOfV1) ?? []),
    ...(target === undefined ? [] : [cpuMetric('target', { type: 'Utilization', averageUtilization: target })]),
  ]
  const behavior = behaviorOfAnnotation(annotations[behaviorKey])
  const currentMetrics =
    annotatedList(annotations[statusesKey])?.map(metricStatusOfV1) ??
    (current === undefined ? null : [cpuMetric('current', { averageUtilization: current })])
  const conditions = annotatedList(annotations[conditionsKey]) ?? []
  const usual = cpuMetric('target', { type: 'Utilization', averageUtilization: defaultUtilization })
  return {
    ...rebuilt(object, 'autoscaling/v2', withoutOurs(annotations)),
    spec: {
      ...(behavior === undefined ? {} : { behavior }),
      maxReplicas,
      metrics: metrics.length === 0 ? [usual] : metrics,
      ...(minReplicas === undefined ? {} : { minReplicas }),
      scaleTargetRef,
    },
    status: {
      ...(conditions.length === 0 ? {} : { conditions }),
      currentMetrics,
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      ...counts,
    },
  }
}

function rebuilt(object: ApiObject, apiVersion: string, annotations: Readonly<Record<string, string>>): ApiObject {
  const { annotations: _, ...metadata } = object.metadata
  const isAnnotated = Object.keys(annotations).length > 0
  return { ...object, apiVersion, metadata: isAnnotated ? { ...metadata, annotations } : metadata }
}

function withoutOurs(annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !ours.includes(key)))
}

function texts(key: string, list: readonly unknown[]): Readonly<Record<string, string>> {
  return list.length === 0 ? {} : { [key]: JSON.stringify(list) }
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

/** A list in an annotation; undefined where that cannot be read, as if it were not there. */
function annotatedList(text: string | undefined): readonly JsonObject[] | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter(isJsonObject) : undefined
  } catch {
    return undefined
  }
}

function cpuUtilization(metric: JsonObject, which: 'target' | 'current'): unknown {
  const resource = objectAt(metric, 'resource')
  if (metric.type !== 'Resource' || resource.name !== 'cpu') return undefined
  return objectAt(resource, which).averageUtilization
}

function cpuMetric(which: 'target' | 'current', value: JsonObject): JsonObject {
  return { resource: { name: 'cpu', [which]: value }, type: 'Resource' }
}

/** As Go's struct has them. */
function conditionInOrder({ type, status, lastTransitionTime = null, reason, message }: JsonObject): JsonObject {
  return {
    type,
    status,
    lastTransitionTime,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  }
}
