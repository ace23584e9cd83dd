import { describe, expect, it } from 'vitest'
import { isJsonObject, type JsonObject } from '../json-value.ts'
import type { ManagedFieldsEntry } from '../kinds.generated.ts'
import { kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { schema } from '../schema-reader.ts'
import { applyConfiguration } from './apply-configuration.ts'
import recorded from './recorded.generated.json' with { type: 'json' }
import { trackUpdate } from './track-update.ts'

/** One request to kube-apiserver 1.36.1 and its answer: the object, or the causes of a conflict. */
type Step = Readonly<{
  op: string
  manager: string
  nowMs: number
  config?: JsonObject
  force?: boolean
  /** managedFields that the request itself set. */
  requested?: readonly ManagedFieldsEntry[]
  object?: ApiObject
  causes?: readonly Readonly<{ field: string; message: string }>[]
}>
type Sequence = Readonly<{ title: string; kind: keyof typeof kinds; steps: readonly Step[] }>

const sequences = recorded as unknown as readonly Sequence[]

/** The time a step may differ by: the answer's Date header is written after the object. */
function withoutTimes(entries: readonly ManagedFieldsEntry[] | undefined): readonly object[] {
  return (entries ?? []).map(({ time, ...entry }) => ({ ...entry, timed: time !== undefined }))
}

function tracked(step: Step, live: ApiObject | undefined): readonly ManagedFieldsEntry[] | undefined {
  const { object, manager, nowMs, requested } = step
  if (object === undefined) throw new Error('a write has an answer')
  const { managedFields: _, ...metadata } = object.metadata
  const given = requested ?? live?.metadata.managedFields
  const after = { ...object, metadata: given === undefined ? metadata : { ...metadata, managedFields: given } }
  return trackUpdate({
    schema,
    kind: kinds[sequenceKind(object)],
    ...(live === undefined ? {} : { before: live }),
    after,
    manager,
    nowMs,
  })
}

function sequenceKind(object: ApiObject): keyof typeof kinds {
  const found = Object.entries(kinds).find(([, kind]) => kind.kind === object.kind)
  if (found === undefined) throw new Error(object.kind)
  return found[0] as keyof typeof kinds
}

/** Everything we set stands in the recorded object, which has defaults besides. */
function expectWithin(ours: unknown, theirs: unknown, path: string): void {
  if (isJsonObject(ours)) {
    for (const [key, value] of Object.entries(ours)) {
      if (value === null || value === undefined || identity.has(key)) continue
      if (typeof value === 'object' && Object.keys(value).length === 0) continue
      expectWithin(value, isJsonObject(theirs) ? theirs[key] : undefined, `${path}.${key}`)
    }
  } else if (Array.isArray(ours)) {
    expect(Array.isArray(theirs) && theirs.length, path).toBe(ours.length)
    for (const [at, item] of ours.entries()) expectWithin(item, (theirs as unknown[])[at], `${path}[${at}]`)
  } else expect(ours, path).toEqual(theirs)
}

const identity = new Set(['managedFields', 'resourceVersion', 'generation'])

function applied(step: Step, kind: keyof typeof kinds, live: ApiObject | undefined) {
  const { config = {}, force = false, manager, nowMs } = step
  return applyConfiguration({
    schema,
    kind: kinds[kind],
    ...(live === undefined ? {} : { live }),
    config,
    manager,
    force,
    nowMs,
  })
}

function check(step: Step, kind: keyof typeof kinds, live: ApiObject | undefined): void {
  if (step.op !== 'apply') {
    expect(withoutTimes(tracked(step, live))).toEqual(withoutTimes(step.object?.metadata.managedFields))
    return
  }
  const result = applied(step, kind, live)
  if (step.causes !== undefined) {
    const causes = step.causes.map(({ field, message }) => ({ field, message }))
    expect(result).toEqual({ ok: false, error: { reason: 'ApplyConflict', causes: expect.anything() } })
    const ours = result.ok || result.error.reason !== 'ApplyConflict' ? [] : result.error.causes
    expect([...ours].sort(byText)).toEqual([...causes].sort(byText))
    return
  }
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  expect(withoutTimes(result.value.metadata.managedFields)).toEqual(withoutTimes(step.object?.metadata.managedFields))
  expectWithin(result.value, step.object, '')
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

describe('field management does as kube-apiserver did', () => {
  for (const { title, kind, steps } of sequences) {
    let live: ApiObject | undefined
    steps.forEach((step, at) => {
      const before = live
      live = step.object ?? live
      it(`${title}: step ${at + 1}, ${step.op} by ${step.manager}`, () => check(step, kind, before))
    })
  }
})
