import { cleanupFinalizer } from '../../api/custom/definition-condition.ts'
import { servedKindsOf } from '../../api/custom/served-kinds.ts'
import { equalJson } from '../../api/json-value.ts'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Client } from '../../client/client.ts'
import { type Controller, type ControllerDeps, changes } from '../run-controller.ts'
import { type ObservedDefinition, reconcileDefinition } from './definition.ts'

/** Gives definitions their names, has them served, and empties those that are deleted. One at a time: names are given once. */
export function definitionController({ client, informers, clock }: ControllerDeps): Controller<ObservedDefinition> {
  const definitions = informers.of(kinds.customResourceDefinitions)
  /** Names that are let go may be what others of the group wait for. */
  const waiting = (group: string): readonly string[] =>
    definitions
      .list()
      .filter(({ spec, status }) => spec.group === group && !equalJson(spec.names, status.acceptedNames))
      .map(({ metadata }) => metadata.name)
  return {
    name: 'customresourcedefinition-controller',
    concurrency: 1,
    sources: [
      changes(kinds.customResourceDefinitions, (before, after) => {
        const either = after ?? before
        if (either === undefined) return []
        const hasLetGo = before !== undefined && !equalJson(before.status.acceptedNames, after?.status.acceptedNames)
        return [either.metadata.name, ...(hasLetGo ? waiting(either.spec.group) : [])]
      }),
    ],
    async observe(key) {
      const definition = definitions.get(key)
      if (definition === undefined) return undefined
      return {
        nowMs: clock.nowMs(),
        definition,
        others: await othersOf(client, definition),
        ...(await instancesOf(client, definition)),
      }
    },
    reconcile: reconcileDefinition,
  }
}

/** From the API: what the controller has written a moment ago counts. */
async function othersOf(
  client: Client,
  definition: Stored<CustomResourceDefinition>,
): Promise<readonly CustomResourceDefinition[]> {
  if (equalJson(definition.spec.names, definition.status.acceptedNames)) return []
  const all = await client.list(kinds.customResourceDefinitions)
  if (!all.ok) return []
  return all.value.items.filter(
    ({ spec, metadata }) => spec.group === definition.spec.group && metadata.name !== definition.metadata.name,
  )
}

async function instancesOf(
  client: Client,
  definition: Stored<CustomResourceDefinition>,
): Promise<Pick<ObservedDefinition, 'instances'>> {
  const { deletionTimestamp, finalizers = [] } = definition.metadata
  const [kind] = servedKindsOf(definition)
  if (deletionTimestamp === undefined || !finalizers.includes(cleanupFinalizer) || kind === undefined) return {}
  const listed = await client.list(kind)
  if (listed.ok) return { instances: { kind, objects: listed.value.items } }
  return { instances: { kind, objects: [], error: listed.error.message ?? '' } }
}
