import { expect, it } from 'vitest'
import { containerAnnotations } from './container-annotations.ts'
import { sandboxSpec } from './pod-sandbox.ts'
import { testContainer, testPod } from './test-pod.ts'

it('A runtime is told of a container what the original’s kubelet tells, and what plugins say', () => {
  const container = testContainer('a', {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ports: [{ containerPort: 80, protocol: 'TCP' }],
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
  })
  const pod = testPod({ containers: [container], terminationGracePeriodSeconds: 5 })
  const said = { 'cdi.k8s.io/vendor': 'gpu=0', 'io.kubernetes.container.restartCount': '9' }
  expect(containerAnnotations(pod, container, 2, said)).toEqual({
    'cdi.k8s.io/vendor': 'gpu=0',
    'io.kubernetes.container.restartCount': '2',
    'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
    'io.kubernetes.container.terminationMessagePolicy': 'File',
    'io.kubernetes.pod.terminationGracePeriod': '5',
    'io.kubernetes.container.preStopHandler': '{"sleep":{"seconds":1}}',
    'io.kubernetes.container.ports': '[{"containerPort":80,"protocol":"TCP"}]',
  })
})

it('A runtime is told the pod’s labels and annotations', () => {
  const pod = testPod({})
  const [labels, annotations] = [{ app: 'web' }, { 'io.katacontainers.config': 'x' }]
  const labelled = { ...pod, metadata: { ...pod.metadata, labels, annotations } }
  expect(sandboxSpec(labelled, 0, { clusterDomain: 'c', rootDirectory: '/r' })).toMatchObject({ labels, annotations })
})
