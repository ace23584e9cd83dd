import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from '../../api/flow-control-objects.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'

const annotation = 'apf.kubernetes.io/autoupdate-spec'
export const flowControlManager = 'api-priority-and-fairness-config-producer-v1'

function objectsOf(
  kind: typeof kinds.flowSchemas | typeof kinds.priorityLevelConfigurations,
  specs: Readonly<Record<string, object>>,
): readonly ApiObject[] {
  return Object.entries(specs).map(([name, spec]) => ({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name, annotations: { [annotation]: 'true' } },
    spec,
  }))
}

/** The levels first: schemas refer to them. */
export function flowControlObjects(): readonly ApiObject[] {
  return [
    ...objectsOf(kinds.priorityLevelConfigurations, { ...mandatoryLevels, ...suggestedLevels }),
    ...objectsOf(kinds.flowSchemas, { ...mandatorySchemas, ...suggestedSchemas }),
  ]
}

/** Whoever takes the annotation away keeps the object as it is. */
export function isAutoUpdated({ metadata }: ApiObject): boolean {
  return metadata.annotations?.[annotation] === 'true'
}
