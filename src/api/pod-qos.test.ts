import { expect, test } from 'vitest'
import { podQosClass } from './pod-qos.ts'

const all = { cpu: '1', memory: '1Gi' }
const of = (resources: object) => ({ containers: [{ name: 'c', resources }] })

test.each([
  ['asks for nothing', of({}), 'BestEffort'],
  ['asks for nothing that counts', of({ requests: { 'example.com/gpu': '1', cpu: '0' } }), 'BestEffort'],
  ['may use what it asks for', of({ requests: all, limits: all }), 'Guaranteed'],
  [
    'spells the same amounts differently',
    of({ requests: { cpu: '1000m', memory: '1024Mi' }, limits: all }),
    'Guaranteed',
  ],
  ['asks for less than it may use', of({ requests: { cpu: '500m', memory: '1Gi' }, limits: all }), 'Burstable'],
  ['limits only one resource', of({ requests: { cpu: '1' }, limits: { cpu: '1' } }), 'Burstable'],
  [
    'has an init container without limits',
    { ...of({ requests: all, limits: all }), initContainers: [{ name: 'i' }] },
    'Burstable',
  ],
  ['has limits of its own', { ...of({}), resources: { requests: all, limits: all } }, 'Guaranteed'],
])('a pod that %s', (_, spec, qosClass) => {
  expect(podQosClass(spec)).toBe(qosClass)
})
