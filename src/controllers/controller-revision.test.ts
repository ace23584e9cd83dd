import { expect, it } from 'vitest'
import { kinds } from '../api/kinds.ts'
import { revisionsOf } from './controller-revision.ts'
import { sampleDeployment } from './sample-objects.ts'

it('writes a template down with its fields in order, as those expect who compare the bytes', () => {
  const [action] = revisionsOf(kinds.deployments, sampleDeployment() as never, []).actions
  const data = action?.type === 'create' ? (action.object as { data?: unknown }).data : undefined
  expect(JSON.stringify(data)).toBe(
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"web:1","name":"web"}]}}}}',
  )
})
