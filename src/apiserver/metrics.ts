import { groupResource, type Kind } from '../api/kinds.ts'
import { storedKind } from '../api/versioning.ts'
import type { Store } from '../store/store.ts'
import type { FlowControl } from './flow/flow-control.ts'
import { stateOf } from './flow/priority-level.ts'
import { kindPrefix } from './resource.ts'

/** /metrics in the plain Prometheus form, under kube-apiserver's names. */
export function metricsText(store: Store, kinds: readonly Kind[], flow: FlowControl, more: readonly string[]): string {
  const stored = [...new Set(kinds.map(storedKind))]
  const objects = stored.map(
    (kind) =>
      `apiserver_storage_objects{resource=${JSON.stringify(groupResource(kind))}} ${store.count(kindPrefix(kind))}`,
  )
  return [
    '# HELP apiserver_storage_objects Number of stored objects.',
    '# TYPE apiserver_storage_objects gauge',
    ...objects,
    '# HELP apiserver_current_inflight_requests Number of requests at work, watches not counted.',
    '# TYPE apiserver_current_inflight_requests gauge',
    `apiserver_current_inflight_requests ${flow.levels().reduce((sum, level) => sum + stateOf(level).executing, 0)}`,
    '# HELP apiserver_storage_revision Newest visible revision of the store.',
    '# TYPE apiserver_storage_revision gauge',
    `apiserver_storage_revision ${store.revision()}`,
    ...more,
    '',
  ].join('\n')
}
