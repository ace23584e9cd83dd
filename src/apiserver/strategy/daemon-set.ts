import { equalJson } from '../../api/json-value.ts'
import type { DaemonSet } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

/** apps/v1 keeps the generation of the template, which older versions had as a field, in an annotation. */
const annotation = 'deprecated.daemonset.template.generation'

/** These counts are always written. */
const noStatus = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }

export const daemonSetStrategy: Strategy = {
  prepareCreate: (object) =>
    withTemplateGeneration({ ...object, status: noStatus }, Math.max(1, templateGeneration(object))),
  prepareUpdate: (after, before) => {
    const changed = !equalJson(templateOf(after), templateOf(before))
    return withTemplateGeneration(after, templateGeneration(before) + (changed ? 1 : 0))
  },
  asTracked: (object) => withTemplateGeneration(object, templateGeneration(object)),
}

function templateOf(object: ApiObject): unknown {
  return (object as DaemonSet).spec?.template
}

function templateGeneration({ metadata }: ApiObject): number {
  const text = metadata.annotations?.[annotation] ?? ''
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0
}

function withTemplateGeneration(object: ApiObject, generation: number): ApiObject {
  const annotations = { ...object.metadata.annotations, [annotation]: String(generation) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}
