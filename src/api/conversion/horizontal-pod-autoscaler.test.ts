import { describe, expect, it } from 'vitest'
import type { ApiObject } from '../object.ts'
import { autoscalerOfV1, autoscalerToV1 } from './horizontal-pod-autoscaler.ts'

const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
const behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 10,
    selectPolicy: 'Max',
    policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }],
  },
}
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }
const others = [
  { type: 'Pods', pods: { metric: { name: 'p' }, target: { type: 'AverageValue', averageValue: '10' } } },
  {
    type: 'Object',
    object: {
      describedObject: { kind: 'Service', name: 's', apiVersion: 'v1' },
      target: { type: 'Value', value: '2k' },
      metric: { name: 'o', selector: { matchLabels: { x: 'y' } } },
    },
  },
  { type: 'External', external: { metric: { name: 'e' }, target: { type: 'AverageValue', averageValue: '3' } } },
  {
    type: 'ContainerResource',
    containerResource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' }, container: 'c' },
  },
]
const v2: ApiObject = {
  kind: 'HorizontalPodAutoscaler',
  apiVersion: 'autoscaling/v2',
  metadata: { name: 'h', annotations: { a: 'b' } },
  spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5, metrics: [cpu, ...others], behavior },
  status: { desiredReplicas: 0, currentMetrics: null },
}

/** Recorded from kube-apiserver 1.36. */
const annotated = {
  a: 'b',
  'autoscaling.alpha.kubernetes.io/behavior':
    '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":10,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":15}],"Tolerance":null}}',
  'autoscaling.alpha.kubernetes.io/metrics':
    '[{"type":"Pods","pods":{"metricName":"p","targetAverageValue":"10"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s","apiVersion":"v1"},"metricName":"o","targetValue":"2k","selector":{"matchLabels":{"x":"y"}}}},{"type":"External","external":{"metricName":"e","targetAverageValue":"3"}},{"type":"ContainerResource","containerResource":{"name":"memory","targetAverageValue":"1Gi","container":"c"}}]',
}

describe('autoscalers of v2 as v1', () => {
  it('keep in annotations what v1 has no fields for', () => {
    expect(autoscalerToV1(v2)).toEqual({
      ...v2,
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'h', annotations: annotated },
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    })
  })

  it('come back as they were, the metric of the field behind the others', () => {
    const back = autoscalerOfV1(autoscalerToV1(v2))
    expect(back).toEqual({ ...v2, spec: { ...(v2.spec as object), metrics: [...others, cpu] } })
  })
})

it('a v1 autoscaler without metrics goes by 80% of the processor', () => {
  const { metadata } = v2
  const v1 = {
    ...v2,
    metadata,
    spec: { scaleTargetRef, maxReplicas: 5 },
    status: { currentReplicas: 2, desiredReplicas: 3 },
  }
  expect(autoscalerOfV1(v1)).toEqual({
    ...v2,
    spec: {
      scaleTargetRef,
      maxReplicas: 5,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
    status: { currentReplicas: 2, desiredReplicas: 3, currentMetrics: null },
  })
})
