import { expect, it } from 'vitest'
import type { FlowSchema } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { danglingConditions } from './dangling.ts'

/** Texts recorded from kube-apiserver 1.36.1. */
const found = {
  type: 'Dangling',
  status: 'False',
  reason: 'Found',
  message: 'This FlowSchema references the PriorityLevelConfiguration object named "here" and it exists',
}
const notFound = {
  type: 'Dangling',
  status: 'True',
  reason: 'NotFound',
  message: 'This FlowSchema references the PriorityLevelConfiguration object named "gone" but there is no such object',
}

function schema(name: string, level: string, conditions: readonly object[] = []): Stored<FlowSchema> {
  const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  const head = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata }
  return {
    ...head,
    spec: { priorityLevelConfiguration: { name: level } },
    status: { conditions },
  } as Stored<FlowSchema>
}

it('tells a schema whether its level exists, once', () => {
  const schemas = [
    schema('new', 'here'),
    schema('lost', 'gone'),
    schema('told', 'here', [found]),
    schema('late', 'here', [notFound]),
  ]
  const lastTransitionTime = '1970-01-01T00:00:05Z'
  expect(danglingConditions(schemas, new Set(['here']), 5_000)).toEqual([
    { name: 'new', condition: { ...found, lastTransitionTime } },
    { name: 'lost', condition: { ...notFound, lastTransitionTime } },
    { name: 'late', condition: { ...found, lastTransitionTime } },
  ])
})
