import { decodeObject } from '../../api/decode.ts'
import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import { equalJson } from '../../api/json-value.ts'
import { allKinds, apiVersionOf, type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import { statusOf } from '../../api/status.ts'
import { localApiServices } from '../aggregation/local-services.ts'
import { uncovered } from '../authorize/escalation.ts'
import type { PolicyRule } from '../authorize/rule.ts'
import { storeNew } from '../handle/create.ts'
import { onNewest } from '../handle/newest.ts'
import { statusSubresource, storeChanged, trackedChange } from '../handle/update.ts'
import type { WriteParts, Writer } from '../handle/writing.ts'
import { storeKey } from '../resource.ts'
import type { Served } from '../served.ts'
import type { ApiServerConfig } from '../server.ts'
import { extensionAuthentication } from './extension-authentication.ts'
import { flowControlManager, flowControlObjects, isAutoUpdated } from './flow-control.ts'
import { kubernetesService } from './kubernetes-service.ts'
import { systemPriorityClasses } from './priority-classes.ts'
import { bootstrapRbac } from './rbac-objects.ts'
import { defaultServiceCidr, readyStatus } from './service-cidr.ts'
import { tokenTracking } from './token-tracking.ts'

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
/** As whom the API server itself acts. */
export const self = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

/** What every cluster has from its first moment. Run at each start: what is there is brought up to date, what people changed stays. */
export async function bootstrap(
  parts: WriteParts,
  config: ApiServerConfig,
  served: Pick<Served, 'endpoints'>,
): Promise<void> {
  for (const name of namespaces) must(await ensure(parts, kinds.namespaces, namespaceNamed(name), keep))
  const rbac = bootstrapRbac().map((object) => ensure(parts, kindOf(object), object, reconciledRbac))
  for (const result of await Promise.all(rbac)) must(result)
  for (const object of flowControlObjects()) {
    must(await ensure(parts, kindOf(object), object, reconciledFlowControl, flowControlManager))
  }
  must(await ensure(parts, kinds.serviceCidrs, defaultServiceCidr(config.serviceCidr), keep))
  must(await ensureStatus(parts, kinds.serviceCidrs, 'kubernetes', readyStatus(parts.clock.nowMs())))
  const services = localApiServices(served).map((object) => ensure(parts, kinds.apiServices, object, replacedSpec))
  for (const result of await Promise.all(services)) must(result)
  const { clientCaPem, frontProxy } = config
  if (clientCaPem !== undefined && frontProxy !== undefined) {
    must(await ensure(parts, kinds.configMaps, extensionAuthentication(clientCaPem, frontProxy), replaced))
  }
  for (const object of systemPriorityClasses) must(await ensure(parts, kinds.priorityClasses, object, keep))
  must(await ensure(parts, kinds.configMaps, tokenTracking(parts.clock.nowMs()), keep))
  for (const object of kubernetesService(config)) {
    must(await ensure(parts, kindOf(object), object, object.kind === 'Service' ? keep : replaced))
  }
}

function namespaceNamed(name: string): ApiObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function kindOf(object: ApiObject): Kind {
  const kind = allKinds.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion)
  if (kind === undefined) throw new Error(`bootstrap objects are of served kinds, ${object.kind} is none`)
  return kind
}

/** What a stored object should become; the object itself where it may stay. */
type Reconcile = (stored: ApiObject, wanted: ApiObject) => ApiObject

const keep: Reconcile = (stored) => stored

const reconciledFlowControl: Reconcile = (stored, wanted) =>
  isAutoUpdated(stored) && !equalJson(stored.spec, wanted.spec) ? { ...stored, spec: wanted.spec } : stored

const replacedSpec: Reconcile = (stored, wanted) =>
  equalJson(stored.spec, wanted.spec) ? stored : { ...stored, spec: wanted.spec }

/** Everything but metadata as wanted. */
const replaced: Reconcile = (stored, wanted) => {
  const after = { ...wanted, metadata: stored.metadata }
  const { metadata: _1, ...had } = stored
  const { metadata: _2, ...has } = after
  return equalJson(had, has) ? stored : after
}

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'

/** Missing rules and subjects come back, additional ones stay: kubernetes' pkg/registry/rbac/reconciliation. */
const reconciledRbac: Reconcile = (stored, wanted) => {
  if (stored.metadata.annotations?.[autoUpdate] === 'false') return stored
  if (stored.kind.endsWith('Binding')) return withSubjects(stored, wanted)
  // The rules of an aggregate are its controller's.
  if (stored.aggregationRule !== undefined && stored.aggregationRule !== null) return stored
  const rules = (stored.rules ?? []) as readonly PolicyRule[]
  const missing = uncovered(rules, (wanted.rules ?? []) as readonly PolicyRule[])
  return missing.length === 0 ? stored : { ...stored, rules: [...rules, ...missing] }
}

function withSubjects(stored: ApiObject, wanted: ApiObject): ApiObject {
  const subjects = (stored.subjects ?? []) as readonly object[]
  const asked = (wanted.subjects ?? []) as readonly object[]
  const missing = asked.filter((subject) => !subjects.some((had) => equalJson(had, subject)))
  return missing.length === 0 ? stored : { ...stored, subjects: [...subjects, ...missing] }
}

const ownManager = 'kube-apiserver'

function writerFor(kind: Kind, namespace: string, fieldManager: string): Writer {
  const who = { user: self, fieldManager, warn() {}, annotate() {}, outside() {} }
  return { ...who, kind, namespace, dryRun: false, options: {}, deadlineMs: Number.POSITIVE_INFINITY }
}

async function ensure(
  parts: WriteParts,
  kind: Kind,
  wanted: ApiObject,
  reconcile: Reconcile,
  fieldManager = ownManager,
): Promise<Result<unknown, Refusal>> {
  const { name = '', namespace = '' } = wanted.metadata
  const decoded = decodeObject(kind, wanted, { format: 'json' })
  if (!decoded.ok) return decoded
  const writer = writerFor(kind, namespace, fieldManager)
  return onNewest<unknown>(parts, writer, storeKey(kind, namespace, name), async (before) => {
    if (before === undefined) return storeNew(parts, writer, decoded.value.object)
    const after = reconcile(before.object, applyDefaults(kind, decoded.value.object))
    return after === before.object ? ok(before) : storeChanged(parts, writer, before, after)
  })
}

/** Of an object at the cluster scope that has no conditions yet: others keep them afterwards. */
async function ensureStatus(
  parts: WriteParts,
  kind: Kind,
  name: string,
  status: object,
): Promise<Result<unknown, Refusal>> {
  const writer = { ...writerFor(kind, '', ownManager), subresource: statusSubresource.name }
  return onNewest<unknown>(parts, writer, storeKey(kind, '', name), async (before) => {
    const { conditions = [] } = (before?.object.status ?? {}) as Readonly<{ conditions?: readonly unknown[] }>
    if (before === undefined || conditions.length > 0) return ok(before)
    const after = trackedChange(parts, writer, before, { ...before.object, status })
    return storeChanged(parts, writer, before, after, statusSubresource)
  })
}

function must(result: Result<unknown, Refusal>): void {
  if (!result.ok) throw new Error(`the cluster's first objects could not be made: ${statusOf(result.error).message}`)
}
