import { expect, it } from 'vitest'
import { sampleDeployment, sampleReplicaSet } from '../sample-objects.ts'
import { byRevision, highestRevision, revisionAnnotation, withRevision } from './deployment-revision.ts'

const set = (revision: string) => {
  const sample = sampleReplicaSet('web-1')
  return { ...sample, metadata: { ...sample.metadata, annotations: { [revisionAnnotation]: revision } } }
}

it.each([
  ['7', '8'],
  ['3546343826724305832', '3546343826724305833'],
  ['9223372036854775808', '1'],
  ['x', '1'],
])('after revision %s comes %s', (revision, next) => {
  const newest = withRevision(sampleDeployment(), sampleReplicaSet('web-1'), highestRevision([set(revision)]) + 1n)
  expect(newest.metadata.annotations?.[revisionAnnotation]).toBe(next)
})

it('sorts revisions that differ in their last of nineteen digits', () => {
  expect(byRevision(set('3546343826724305832'), set('3546343826724305833'))).toBe(-1)
})
