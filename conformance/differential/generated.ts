import type { Kind } from '../../src/api/kinds.ts'
import type { FieldSchema, FieldType, ScalarType } from '../../src/api/schema.ts'
import { schema } from '../../src/api/schema-reader.ts'
import { type Case, get, patch, post } from './case.ts'
import { collectionOf, nameOf, pathOf, sample, storedKinds } from './samples.ts'

type Draw = (below: number) => number

/** Valid objects with one field of their schema set to something, at random but the same for each seed: created, and patched so. */
export function generatedCases(seed: number, count: number): readonly Case[] {
  return Array.from({ length: count }, (_, at) => generated(seed, at))
}

function generated(seed: number, at: number): Case {
  const draw = drawer(seed * 1_000_003 + at)
  const kind = pick(draw, storedKinds)
  const path = fieldPath(draw, kind)
  const value = drawnValue(draw, path.type)
  const whole = setAt(sample(kind, 'one'), path.keys, value)
  const patchOf = setAt({}, path.keys, value)
  const name = `generated ${seed}.${at}: ${kind.kind} ${path.keys.join('.')}`

  return {
    name,
    steps: [
      post(`${collectionOf(kind)}?dryRun=All`, whole),
      post(collectionOf(kind), sample(kind, 'one')),
      patch('merge', pathOf(kind, 'one'), patchOf),
      patch('strategic', pathOf(kind, 'one'), setAt({ metadata: { name: nameOf(kind, 'one') } }, path.keys, value)),
      patch('apply', `${pathOf(kind, 'one')}?fieldManager=me`, whole),
      get(pathOf(kind, 'one')),
    ],
  }
}

/** A linear congruential generator: the same cases on every machine. */
function drawer(seed: number): Draw {
  let state = (seed * 2_654_435_761) >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function pick<T>(draw: Draw, of: readonly T[]): T {
  const one = of[draw(of.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

type Place = Readonly<{ keys: readonly (string | number)[]; type: FieldType }>

const deepest = 8
/** Set by the server, or the case's own names. */
const untouched = new Set([
  'managedFields',
  'name',
  'namespace',
  'status',
  'generateName',
  'selfLink',
  'kind',
  'apiVersion',
  'uid',
  'resourceVersion',
])

function fieldPath(draw: Draw, kind: Kind): Place {
  let fields = fieldsOf(kind.typeName)
  const keys: (string | number)[] = []
  for (let depth = 0; depth < deepest; depth++) {
    const field = pick(draw, fields)
    keys.push(field.name)
    const inner = insideOf(field.type)
    if (inner === undefined || draw(4) === 0) return { keys, type: field.type }
    if (field.type.type === 'list') keys.push(0)
    fields = fieldsOf(inner)
    if (fields.length === 0) return { keys, type: field.type.type === 'list' ? field.type.of : field.type }
  }
  return { keys, type: { type: 'scalar', scalar: 'string' } }
}

function fieldsOf(typeName: string): readonly FieldSchema[] {
  return [...schema.typeOf(typeName).fields.values()].filter(({ name }) => !untouched.has(name))
}

function insideOf(type: FieldType): string | undefined {
  if (type.type === 'object') return type.ref
  return type.type === 'list' && type.of.type === 'object' ? type.of.ref : undefined
}

const texts = ['', 'x', 'Bad Value!', 'a.test/b', 'y'.repeat(70), '10.0.0.1', '1']
const scalars: Readonly<Record<ScalarType, readonly unknown[]>> = {
  string: texts,
  boolean: [true, false, 'true', null],
  int32: [0, 1, -1, 70000, 2 ** 31, 'x', 1.5],
  int64: [0, 1, -1, 2 ** 40, '5', 1.5],
  double: [0, 1.5, 'x'],
  time: ['2020-01-01T00:00:00Z', 'yesterday', null, 5],
  microTime: ['2020-01-01T00:00:00.000000Z', '2020-01-01', null],
  duration: ['5s', 'x', 5],
  quantity: ['1', '-1', '1.5Gi', 'many', 2, ''],
  intOrString: [80, 'http', '50%', -1, true],
  bytes: ['YQ==', '!!', ''],
  any: [{}, 'x', 1],
}

function drawnValue(draw: Draw, type: FieldType): unknown {
  // Now and then something of another sort altogether.
  if (draw(12) === 0) return pick(draw, ['text', 7, true, [], {}, null, [{}], { a: 'b' }])
  switch (type.type) {
    case 'scalar':
      return pick(draw, scalars[type.scalar])
    case 'list':
      return Array.from({ length: draw(3) }, () => drawnValue(draw, type.of))
    case 'map':
      return pick(draw, [{}, { a: drawnValue(draw, type.of) }, { 'bad key!': drawnValue(draw, type.of) }])
    case 'object':
      return objectOf(draw, type.ref)
  }
}

function objectOf(draw: Draw, typeName: string): object {
  const fields = fieldsOf(typeName)
  const some = fields.filter(({ required }) => required || draw(Math.max(2, fields.length)) === 0).slice(0, 4)
  return Object.fromEntries(some.map(({ name, type }) => [name, type.type === 'object' ? {} : drawnValue(draw, type)]))
}

export function setAt(
  object: unknown,
  [key, ...rest]: readonly (string | number)[],
  value: unknown,
): Record<string, unknown> {
  const before = object as Readonly<Record<string | number, unknown>> | undefined
  if (key === undefined) return {}
  const next =
    rest.length === 0
      ? value
      : typeof rest[0] === 'number'
        ? listAt(before?.[key], rest, value)
        : setAt(before?.[key], rest, value)
  return { ...before, [key]: next }
}

function listAt(list: unknown, [, ...rest]: readonly (string | number)[], value: unknown): readonly unknown[] {
  const [first, ...others] = Array.isArray(list) ? list : []
  return [rest.length === 0 ? value : setAt(first, rest, value), ...others]
}
