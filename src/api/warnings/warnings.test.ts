import { expect, it } from 'vitest'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import { type Kind, kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import recorded from './recorded-warnings.json' with { type: 'json' }
import { warningsOnCreate, warningsOnUpdate } from './warnings.ts'

/** What kube-apiserver 1.36.1 warned of when each of these objects was made, in its order. */
type Case = Readonly<{ kind: keyof typeof kinds; object: ApiObject; warnings: readonly string[] }>

const cases = recorded as unknown as readonly Case[]

it.each(cases)('$kind: $warnings', ({ kind, object, warnings }) => {
  const known: Kind = kinds[kind]
  expect(warningsOnCreate(known, applyDefaults(known, object))).toEqual(warnings)
})

it('warns of a template anew only when it has changed', () => {
  const [object] = cases.filter(({ kind }) => kind === 'daemonSets').map((each) => each.object)
  if (object === undefined) throw new Error('no daemon set is recorded')
  const at = (generation: number): ApiObject => ({ ...object, metadata: { ...object.metadata, generation } })
  expect(warningsOnUpdate(kinds.daemonSets, at(1), at(1))).toEqual([])
  expect(warningsOnUpdate(kinds.daemonSets, at(2), at(1))).toHaveLength(1)
})

it('warns of nothing in objects without fault', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'a' }] },
  }
  expect(warningsOnCreate(kinds.pods, applyDefaults(kinds.pods, pod))).toEqual([])
})
