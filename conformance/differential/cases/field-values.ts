import { type Kind, kinds } from '../../../src/api/kinds.ts'
import { type Case, get, patch, post, type Step } from '../case.ts'
import { type FieldValues, fieldValues } from '../field-values/field-values.ts'
import { setAt } from '../generated.ts'
import { collectionOf, pathOf, sample } from '../samples.ts'

/** One case for each field of the table: its values in new objects, and in changes of one that is there. */
export function fieldValueCases(): readonly Case[] {
  return Object.entries(fieldValues).flatMap(([name, values]) => ofKind(kinds[name as keyof typeof kinds], values))
}

function ofKind(kind: Kind, table: FieldValues): readonly Case[] {
  return Object.entries(table).map(([path, values]) => ({
    name: `${kind.kind} of ${kind.group || 'core'}/${kind.version} by ${path}`,
    steps: [
      post(collectionOf(kind), sample(kind, 'one')),
      ...values.flatMap((value) => withValue(kind, path, value)),
      get(pathOf(kind, 'one')),
    ],
  }))
}

function withValue(kind: Kind, path: string, value: unknown): readonly Step[] {
  const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))
  const made = post(`${collectionOf(kind)}?dryRun=All`, setAt(sample(kind, 'two'), keys, value))
  // Merge patches replace lists whole.
  const list = keys.findIndex((key) => typeof key === 'number')
  const whole = setAt(sample(kind, 'one'), keys, value)
  const top = list < 0 ? keys : keys.slice(0, list)
  return [made, patch('merge', pathOf(kind, 'one'), setAt({}, top, list < 0 ? (value ?? null) : valueAt(whole, top)))]
}

function valueAt(object: unknown, keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (at, key) => (at as Readonly<Record<string | number, unknown>> | undefined)?.[key],
    object,
  )
}
