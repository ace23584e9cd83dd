import type { Said } from '../../api/custom/definition-condition.ts'
import { equalJson } from '../../api/json-value.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api/kinds.generated.ts'

/** Names that other definitions of the group have been given. */
export type TakenNames = Readonly<{ resources: ReadonlySet<string>; kinds: ReadonlySet<string> }>

export function takenNames(others: readonly CustomResourceDefinition[]): TakenNames {
  const names = others.flatMap(({ status }) => status?.acceptedNames ?? [])
  return {
    resources: new Set(
      names.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]),
    ),
    kinds: new Set(names.flatMap(({ kind, listKind = '' }) => [kind, listKind])),
  }
}

export type Accepted = Readonly<{ names: CustomResourceDefinitionNames; said: Said }>

/**
 * Gives a definition the names that it asks for and nobody else in its group has; it keeps those it was given. Kubernetes:
 * apiextensions-apiserver's NamingConditionController.
 */
export function acceptNames({ spec, status }: CustomResourceDefinition, taken: TakenNames): Accepted {
  const wanted = spec.names
  const had = status?.acceptedNames ?? { plural: '', kind: '' }
  const isFree = (name: string | undefined, own: string | undefined, among: ReadonlySet<string>): boolean =>
    name === own || !among.has(name ?? '')
  const shortNames = shortNamesOf(wanted, had, taken)
  const conflicts = [
    isFree(wanted.plural, had.plural, taken.resources) ? [] : ['PluralConflict', inUse(wanted.plural)],
    isFree(wanted.singular, had.singular, taken.resources) ? [] : ['SingularConflict', inUse(wanted.singular)],
    shortNames.problem === undefined ? [] : ['ShortNamesConflict', shortNames.problem],
    isFree(wanted.kind, had.kind, taken.kinds) ? [] : ['KindConflict', inUse(wanted.kind)],
    isFree(wanted.listKind, had.listKind, taken.kinds) ? [] : ['ListKindConflict', inUse(wanted.listKind)],
  ].filter((conflict) => conflict.length > 0)
  const [reason = 'NoConflicts', message = 'no conflicts found'] = conflicts.at(-1) ?? []
  const pick = (name: 'plural' | 'singular' | 'kind' | 'listKind', among: ReadonlySet<string>) =>
    isFree(wanted[name], had[name], among) ? wanted[name] : had[name]
  const singular = pick('singular', taken.resources)
  const listKind = pick('listKind', taken.kinds)
  const names: CustomResourceDefinitionNames = {
    plural: pick('plural', taken.resources) ?? '',
    ...(singular === undefined || singular === '' ? {} : { singular }),
    ...(shortNames.names.length === 0 ? {} : { shortNames: shortNames.names }),
    kind: pick('kind', taken.kinds) ?? '',
    ...(listKind === undefined || listKind === '' ? {} : { listKind }),
    ...((wanted.categories ?? []).length === 0 ? {} : { categories: wanted.categories ?? [] }),
  }
  const status_ = conflicts.length === 0 ? 'True' : 'False'
  return { names, said: { type: 'NamesAccepted', status: status_, reason, message } }
}

function inUse(name: string | undefined): string {
  return `${JSON.stringify(name ?? '')} is already in use`
}

function shortNamesOf(
  { shortNames: wanted = [] }: CustomResourceDefinitionNames,
  { shortNames: had = [] }: CustomResourceDefinitionNames,
  { resources }: TakenNames,
): Readonly<{ names: readonly string[]; problem?: string }> {
  if (equalJson(wanted, had)) return { names: had }
  const problems = wanted.filter((name) => !had.includes(name) && resources.has(name)).map(inUse)
  const unique = [...new Set(problems)]
  if (unique.length === 0) return { names: wanted }
  return { names: had, problem: unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]` }
}
