/** As samples.ts: the other kinds that make pods, keep and limit them, and what they store. */

const template = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'c', image: 'registry.test/app:1' }] },
}
const selector = { matchLabels: { app: 'x' } }
const jobSpec = {
  template: { spec: { containers: [{ name: 'c', image: 'registry.test/app:1' }], restartPolicy: 'Never' } },
}

export const workloadFields: Readonly<Record<string, object>> = {
  PodTemplate: { template },
  ReplicationController: { spec: { replicas: 2, selector: { app: 'x' }, template } },
  LimitRange: { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, default: { cpu: '500m' } }] } },
  ResourceQuota: { spec: { hard: { pods: '10', 'requests.cpu': '4' } } },
  PersistentVolume: {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
  },
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
  },
  DaemonSet: { spec: { selector, template } },
  ControllerRevision: { data: { spec: { template: {} } }, revision: 1 },
  StatefulSet: { spec: { replicas: 2, serviceName: 's', selector, template } },
  CronJob: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: jobSpec } } },
  HorizontalPodAutoscaler: {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
  },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector } },
  PriorityClass: { value: 1000, description: 'of a case' },
  RuntimeClass: { handler: 'runc' },
}
