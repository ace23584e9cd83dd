import type { KindValues } from './field-values.ts'
import { labelMaps, longName, selectors } from './shared.ts'

const metric = (one: object): readonly unknown[] => [{ type: 'Resource', ...one }]

export const workloadsValues: KindValues = {
  podDisruptionBudgets: {
    'spec.minAvailable': [2, 0, -1, '50%', '150%', '-1%', 'x', undefined],
    'spec.maxUnavailable': [1, '50%', -1],
    'spec.selector': selectors,
    'spec.unhealthyPodEvictionPolicy': ['AlwaysAllow', 'IfHealthyBudget', 'Other'],
  },
  priorityClasses: {
    value: [1, 1_000_000_000, 1_000_000_001, -2_147_483_648, 'x'],
    globalDefault: [true, 'x'],
    preemptionPolicy: ['Never', 'PreemptLowerPriority', 'Other'],
    description: ['text', 5],
  },
  runtimeClasses: {
    handler: ['h', 'Upper', 'a.b', '', longName],
    'overhead.podFixed': [{ cpu: '1' }, { cpu: '-1' }, { 'bad key!': '1' }, { memory: 'x' }],
    'scheduling.nodeSelector': labelMaps,
    'scheduling.tolerations': [
      [{ key: 'a', operator: 'Exists' }],
      [{ key: 'a', operator: 'Exists', value: 'b' }],
      [{ operator: 'Near' }],
      [{ key: 'bad key!', effect: 'Other' }],
      [{ key: 'a', tolerationSeconds: 1 }],
      [{ key: 'a' }, { key: 'a' }],
    ],
  },
  horizontalPodAutoscalersV1: {
    'spec.minReplicas': [1, 0, -1, 4],
    'spec.maxReplicas': [5, 0, -1],
    'spec.targetCPUUtilizationPercentage': [50, 0, -1],
    'spec.scaleTargetRef': [
      { kind: 'Deployment', name: 'd' },
      { kind: '', name: '' },
      { kind: 'a/b', name: 'a/b', apiVersion: 'a/b/c' },
    ],
  },
  horizontalPodAutoscalers: {
    'spec.minReplicas': [1, 0, -1, 4],
    'spec.scaleTargetRef': [
      { kind: '', name: '' },
      { kind: 'a/b', name: 'a/b', apiVersion: 'a/b/c' },
    ],
    'spec.metrics': [
      metric({ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }),
      metric({ resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1' } } }),
      metric({ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } }),
      metric({ resource: { name: '', target: { type: 'Other' } } }),
      metric({ resource: { name: 'cpu', target: { type: 'Value', value: '1' } } }),
      metric({}),
      metric({ type: 'Other' }),
      metric({ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } } }),
      metric({ type: 'Pods', pods: { metric: { name: '' }, target: { type: 'Value', value: '1' } } }),
      metric({
        type: 'Object',
        object: {
          metric: { name: 'm' },
          describedObject: { kind: 'K', name: 'n' },
          target: { type: 'Value', value: '1' },
        },
      }),
      metric({ type: 'Object', object: { metric: { name: 'a/b' }, describedObject: {}, target: { type: 'Value' } } }),
      metric({ type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '-1' } } }),
      metric({
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 50 } },
      }),
    ],
    'spec.behavior': [
      { scaleDown: { stabilizationWindowSeconds: 60 } },
      { scaleDown: { stabilizationWindowSeconds: 4000 } },
      { scaleUp: { selectPolicy: 'Other', policies: [] } },
      {
        scaleUp: {
          policies: [
            { type: 'Pods', value: 0, periodSeconds: 0 },
            { type: 'Other', value: 1, periodSeconds: 2000 },
          ],
        },
      },
      { scaleUp: { tolerance: '0.1' } },
      { scaleUp: { tolerance: '-1' } },
    ],
  },
  limitRanges: {
    'spec.limits': [
      [{ type: 'Pod', max: { cpu: '1' }, min: { cpu: '2' } }],
      [{ type: 'Pod', default: { cpu: '1' } }],
      [{ type: 'Container', default: { cpu: '3' }, max: { cpu: '2' } }],
      [{ type: 'Container', maxLimitRequestRatio: { cpu: '500m' } }],
      [{ type: 'PersistentVolumeClaim', max: { cpu: '1' } }],
      [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }],
      [{ type: 'Other', max: { cpu: '1' } }],
      [{ type: 'a.test/b', max: { 'bad key!': '1' } }],
      [
        { type: 'Pod', max: { cpu: '1' } },
        { type: 'Pod', max: { cpu: '1' } },
      ],
      [{}],
    ],
  },
  resourceQuotas: {
    'spec.hard': [
      { 'count/deployments.apps': '1', 'count/widgets.example.com': '2', 'requests.storage': '1Gi' },
      { 'c.deviceclass.resource.k8s.io/devices': '1', 'requests.example.com/gpu': '1' },
      { pods: '1.5' },
      { pods: '-1' },
      { 'bad key!': '1' },
      { other: '1' },
      { 'limits.example.com/gpu': '1', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' },
    ],
    'spec.scopes': [['BestEffort'], ['BestEffort', 'NotBestEffort'], ['Other'], ['Terminating', 'NotTerminating']],
    'spec.scopeSelector': [
      { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] },
      { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] },
      { matchExpressions: [{ scopeName: 'BestEffort', operator: 'In', values: ['a'] }] },
      { matchExpressions: [{ scopeName: 'Other', operator: 'Near' }] },
    ],
  },
  cronJobs: {
    'spec.schedule': ['@hourly', '0 0 31 2 *', 'x', '', '* * * *', 'TZ=UTC * * * * *', '@every 1h'],
    'spec.timeZone': ['Europe/Berlin', 'Nowhere', '', 'Local'],
    'spec.concurrencyPolicy': ['Forbid', 'Other', ''],
    'spec.startingDeadlineSeconds': [10, -1],
    'spec.successfulJobsHistoryLimit': [0, -1],
    'spec.failedJobsHistoryLimit': [0, -1],
    'spec.suspend': [true],
  },
  statefulSets: {
    'spec.replicas': [0, -1],
    'spec.podManagementPolicy': ['Parallel', 'Other'],
    'spec.updateStrategy': [
      { type: 'OnDelete' },
      { type: 'Other' },
      { type: 'RollingUpdate', rollingUpdate: { partition: -1, maxUnavailable: 0 } },
      { type: 'OnDelete', rollingUpdate: { partition: 1 } },
    ],
    'spec.persistentVolumeClaimRetentionPolicy': [
      { whenDeleted: 'Delete', whenScaled: 'Retain' },
      { whenDeleted: 'Other' },
    ],
    'spec.minReadySeconds': [1, -1],
    'spec.ordinals': [{ start: 5 }, { start: -1 }],
    'spec.serviceName': ['other', 'Bad!', ''],
    'spec.volumeClaimTemplates': [
      [
        {
          metadata: { name: 'v' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
      [{ metadata: { name: 'Bad!' }, spec: {} }],
    ],
  },
  jobs: {
    'spec.parallelism': [2, 0, -1],
    'spec.completions': [2, 0, -1],
    'spec.completionMode': ['Indexed', 'Other'],
    'spec.backoffLimit': [0, -1],
    'spec.activeDeadlineSeconds': [1, 0, -1],
    'spec.ttlSecondsAfterFinished': [0, -1],
    'spec.suspend': [true],
    'spec.podReplacementPolicy': ['Failed', 'Other'],
    'spec.managedBy': ['a.test/b', 'bad!'],
    'spec.podFailurePolicy': [
      { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] },
      { rules: [{ action: 'Other', onExitCodes: { operator: 'In', values: [0, 0] } }] },
      { rules: [{ action: 'Ignore' }] },
    ],
    'spec.template.spec.restartPolicy': ['OnFailure', 'Always', ''],
  },
}
