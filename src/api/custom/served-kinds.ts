import { compareVersions } from '../group-priority.ts'
import type { CustomResourceDefinition } from '../kinds.generated.ts'
import type { Kind } from '../kinds.ts'
import { namedKind, openApiName } from './custom-kinds.ts'
import { isTrue } from './definition-condition.ts'

/** The versions that a definition serves, the one to prefer first: enough of each for a client to reach its objects. */
export function servedKindsOf(definition: CustomResourceDefinition): readonly Kind[] {
  const names = definition.status?.acceptedNames
  if (names === undefined || !isTrue(definition, 'Established')) return []
  return definition.spec.versions
    .filter(({ served }) => served)
    .map(({ name }) => name)
    .sort(compareVersions)
    .map((version) => ({
      ...namedKind(definition.spec, names, version),
      typeName: openApiName(definition.spec.group, version, names.kind),
      status: false,
    }))
}
