import { expect, it } from 'vitest'
import type { SandboxSpec } from '../pod-runtime.ts'
import { sandboxConfig, sandboxSpecOf } from './cri-sandbox.ts'

const spec: SandboxSpec = {
  pod: { name: 'web', namespace: 'd', uid: 'u1' },
  attempt: 0,
  hostname: 'web',
  hostNetwork: false,
  logDirectory: '/log',
  cgroupParent: 'kubepods/podu1',
  sysctls: {},
  labels: { app: 'web' },
  annotations: { 'io.katacontainers.config': 'x' },
  portMappings: [],
}

it('A sandbox has the pod’s labels and annotations, and all that it was made with is found in it again', () => {
  const { labels = {}, annotations = {} } = sandboxConfig(spec, 'a', (path) => path)
  expect(labels).toMatchObject({ app: 'web', 'io.kubernetes.pod.name': 'web', 'io.coracle.cluster': 'a' })
  expect(annotations).toMatchObject({ 'io.katacontainers.config': 'x' })
  expect(annotations['io.coracle.sandbox']).not.toContain('katacontainers')
  const found = { labels, annotations } as Parameters<typeof sandboxSpecOf>[0]
  expect(sandboxSpecOf(found)).toEqual(spec)
})
