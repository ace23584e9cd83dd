import { compareVersions } from '../group-priority.ts'
import type { CustomResourceDefinition } from '../kinds.generated.ts'
import type { Kind } from '../kinds.ts'
import { openApiName } from './custom-kinds.ts'
import { isTrue } from './definition-condition.ts'

/** The versions that a definition serves, the one to prefer first: enough of each for a client to reach its objects. */
export function servedKindsOf(definition: CustomResourceDefinition): readonly Kind[] {
  const names = definition.status?.acceptedNames
  if (names === undefined || !isTrue(definition, 'Established')) return []
  const { group, scope, versions } = definition.spec
  return versions
    .filter(({ served }) => served)
    .map(({ name }) => name)
    .sort(compareVersions)
    .map((version) => ({
      group,
      version,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular ?? '',
      namespaced: scope === 'Namespaced',
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      typeName: openApiName(group, version, names.kind),
      status: false,
      generation: true,
      isCustom: true,
    }))
}
