import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import { type Kind, kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { FieldError } from '../refusal.ts'
import type { Subresource } from './rules.ts'
import { validateCreate, validateUpdate } from './validate.ts'

/** What kube-apiserver 1.36.1 said to each of these objects, all of it and in order. */
type Case = Readonly<{
  kind: keyof typeof kinds
  title: string
  object: ApiObject
  old?: ApiObject
  subresource?: Subresource
  causes: readonly FieldError[]
}>

const folder = new URL('./recorded/', import.meta.url)
const files = ['../validation-cases.json', ...readdirSync(folder).sort()]
const cases = files.flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Case[])

/** The lines after the first show what changed in Go's internal types, whose fields we do not have. */
const worded = ({ reason, field, message }: FieldError): FieldError => ({
  reason,
  field,
  message: message.replace(/\n@@[\s\S]*$/, ''),
})

function errorsOf({ kind, object, old, subresource }: Case): readonly FieldError[] {
  const known: Kind = kinds[kind]
  const now = applyDefaults(known, object)
  return old === undefined
    ? validateCreate(known, now)
    : validateUpdate(known, now, applyDefaults(known, old), subresource)
}

describe('what is refused, and in which words', () => {
  it('is tried on enough objects, of every kind', () => {
    expect(cases.length).toBeGreaterThan(150)
    // Other versions of a kind are judged as the one that is stored.
    const stored = Object.entries<Kind>(kinds).flatMap(([name, kind]) => (kind.versioning === undefined ? [name] : []))
    expect(new Set(cases.map((each) => each.kind))).toEqual(new Set(stored))
  })
  for (const each of cases) {
    const change =
      each.old === undefined ? '' : ` update${each.subresource === undefined ? '' : ` of ${each.subresource}`}:`
    it(`${each.kind}${change} ${each.title}`, () => {
      expect(errorsOf(each).map(worded)).toEqual(each.causes.map(worded))
    })
  }

  it('annotations and data that are too large', () => {
    const object = (extra: object): ApiObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'b', annotations: { a: 'x'.repeat(262_144) } },
      data: { a: 'x'.repeat(1_048_577) },
      ...extra,
    })
    expect(validateCreate(kinds.configMaps, object({}))).toEqual([
      {
        reason: 'FieldValueTooLong',
        field: 'metadata.annotations',
        message: 'Too long: may not be more than 262144 bytes',
      },
      { reason: 'FieldValueTooLong', field: '[]', message: 'Too long: may not be more than 1048576 bytes' },
    ])
    expect(validateCreate(kinds.configMaps, object({ metadata: { name: 'a', namespace: 'b' }, data: {} }))).toEqual([])
  })
  it('nothing of what the original let in before it was changed', () => {
    for (const { kind, old } of cases) {
      if (old !== undefined) expect(validateCreate(kinds[kind], old), kind).toEqual([])
      if (old !== undefined) expect(validateUpdate(kinds[kind], old, old), kind).toEqual([])
    }
  })
})
