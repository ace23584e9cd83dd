import type { Job, PodTemplateSpec } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { uidLabel } from '../../api/validation/job.ts'
import { withMeta } from '../object-meta.ts'
import type { Strategy } from './strategy.ts'

/** As pkg/registry/batch/job: a job selects the pods that bear its uid, unless it asks for a selector of its own. */
export const jobStrategy: Strategy = {
  prepareCreate: (object) => labelledAsPods(withSelector({ ...object, status: {} })),
  // batch/v1 has left its pods behind since before there was a choice; kubectl always says what it wants.
  orphansByDefault: true,
  deleteWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or ' +
    'set propagationPolicy=Orphan to suppress this warning',
}

function withSelector(object: ApiObject): ApiObject {
  // Decoding has given the object the shape of a Job.
  const { spec } = object as unknown as Job
  if (spec === undefined || spec.manualSelector === true) return object
  const { name = '', uid = '' } = object.metadata
  const matchLabels = { [uidLabel]: uid, ...spec.selector?.matchLabels }
  const generated = {
    ...spec,
    selector: { ...spec.selector, matchLabels },
    template: withLabels(spec.template, name, uid),
  }
  return { ...object, spec: generated } as ApiObject
}

/** A job without labels has those of its pods: defaulting sees to it whenever the stored object is read. */
function labelledAsPods(object: ApiObject): ApiObject {
  const { spec } = object as unknown as Job
  const isLabelled = Object.keys(object.metadata.labels ?? {}).length > 0
  return isLabelled ? object : withMeta(object, { labels: spec?.template?.metadata?.labels ?? {} })
}

/** Labels that are there already stay, and are refused by validation where they differ. */
function withLabels(template: PodTemplateSpec, name: string, uid: string): PodTemplateSpec {
  const own = { 'job-name': name, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, [uidLabel]: uid }
  return { ...template, metadata: { ...template.metadata, labels: { ...own, ...template.metadata?.labels } } }
}
