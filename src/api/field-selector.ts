import { groupResource, type Kind } from './kinds.ts'
import type { ApiObject } from './object.ts'
import { fail, ok, type Result } from './result.ts'

/** One condition on one field: equal, or not equal when negated. */
export type FieldTerm = Readonly<{ field: string; value: string; negated: boolean }>

/** All terms must hold; none: everything matches. */
export type FieldSelector = readonly FieldTerm[]

/** Parses 'status.phase=Running,spec.nodeName!=a' (\, \= and \\ stand for themselves). Errors are worded as apimachinery's. */
export function parseFieldSelector(text: string): Result<FieldSelector, string> {
  const terms: FieldTerm[] = []
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue
    const split = /^(.*?)(!=|==|=)(.*)$/s.exec(part)
    if (split === null) return fail(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field = '', operator, written = ''] = split
    const value = unescapeValue(written)
    if (!value.ok) return value
    if (field === '' && value.value === '') continue
    terms.push({ field, value: value.value, negated: operator === '!=' })
  }
  return ok(terms)
}

function splitTerms(text: string): string[] {
  return text.match(/(?:\\[\s\S]|[^\\,]|\\$)+/g) ?? []
}

function unescapeValue(written: string): Result<string, string> {
  const unescaped = written.replace(/\\[\\,=]/g, '')
  const badEscape = /\\[\s\S]?/u.exec(unescaped)
  const bare = /[,=]/.exec(unescaped)
  if (badEscape !== null && (bare === null || badEscape.index < bare.index)) {
    return fail(`invalid field selector: invalid escape sequence: ${badEscape[0]}`)
  }
  if (bare !== null) return fail(`invalid field selector: unescaped character in value: ${bare[0].charCodeAt(0)}`)
  return ok(written.replace(/\\([\\,=])/g, '$1'))
}

type FieldReader = (object: ApiObject) => string
type FieldTable = ReadonlyMap<string, FieldReader>

/** Reads a path of an object as the string the selector is compared with: '' for what is absent. */
function at(...path: readonly string[]): FieldReader {
  return (object) => {
    let value: unknown = object
    for (const name of path) {
      if (typeof value !== 'object' || value === null) return ''
      value = (value as Readonly<Record<string, unknown>>)[name]
    }
    return value === undefined || value === null ? '' : String(value)
  }
}

const name = ['metadata.name', at('metadata', 'name')] as const
const namespace = ['metadata.namespace', at('metadata', 'namespace')] as const

function orFalse(read: FieldReader): FieldReader {
  return (object) => (read(object) === 'true' ? 'true' : 'false')
}

const involvedObject = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
const readReplicas = at('status', 'replicas')
const readSuccessful = at('status', 'succeeded')
const eventSource = at('source', 'component')
const eventReporter = at('reportingComponent')

/** What can be selected besides name and namespace: the field labels of Kubernetes 1.36's conversion functions, per kind. */
const tables: ReadonlyMap<string, FieldTable> = new Map<string, FieldTable>([
  [
    'pods',
    new Map([
      name,
      namespace,
      ['spec.nodeName', at('spec', 'nodeName')],
      ['spec.restartPolicy', at('spec', 'restartPolicy')],
      ['spec.schedulerName', at('spec', 'schedulerName')],
      ['spec.serviceAccountName', at('spec', 'serviceAccountName')],
      ['spec.hostNetwork', orFalse(at('spec', 'hostNetwork'))],
      ['status.phase', at('status', 'phase')],
      ['status.podIP', at('status', 'podIPs', '0', 'ip')],
      // Accepted by the original, but never filled: only the empty value matches.
      ['status.podIPs', () => ''],
      ['status.nominatedNodeName', at('status', 'nominatedNodeName')],
    ]),
  ],
  ['certificatesigningrequests.certificates.k8s.io', new Map([name, ['spec.signerName', at('spec', 'signerName')]])],
  [
    'resourceslices.resource.k8s.io',
    new Map([name, ['spec.nodeName', at('spec', 'nodeName')], ['spec.driver', at('spec', 'driver')]]),
  ],
  ['nodes', new Map([name, ['spec.unschedulable', orFalse(at('spec', 'unschedulable'))]])],
  ['namespaces', new Map([name, ['status.phase', at('status', 'phase')]])],
  ['jobs.batch', new Map([name, namespace, ['status.successful', (job: ApiObject) => readSuccessful(job) || '0']])],
  [
    'replicationcontrollers',
    new Map([name, namespace, ['status.replicas', (set: ApiObject) => readReplicas(set) || '0']]),
  ],
  ['secrets', new Map([name, namespace, ['type', at('type')]])],
  ['certificatesigningrequests.certificates.k8s.io', new Map([name, ['spec.signerName', at('spec', 'signerName')]])],
  [
    'services',
    new Map([name, namespace, ['spec.clusterIP', at('spec', 'clusterIP')], ['spec.type', at('spec', 'type')]]),
  ],
  [
    'events',
    new Map([
      name,
      namespace,
      ...involvedObject.map((part) => [`involvedObject.${part}`, at('involvedObject', part)] as const),
      ['reason', at('reason')],
      ['reportingComponent', eventReporter],
      ['source', (event: ApiObject) => eventSource(event) || eventReporter(event)],
      ['type', at('type')],
    ]),
  ],
])
const metadataOnly: FieldTable = new Map([name, namespace])
const aliases: ReadonlyMap<string, string> = new Map([['pods spec.host', 'spec.nodeName']])

/** events.k8s.io selects what is stored as core/v1 by names of its own. */
const eventsLabels: ReadonlyMap<string, string> = new Map([
  ...['reason', 'type', 'metadata.name', 'metadata.namespace'].map((label) => [label, label] as const),
  ...involvedObject.map((part) => [`regarding.${part}`, `involvedObject.${part}`] as const),
  ['reportingController', 'reportingComponent'],
])
const ownLabels: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([['events.events.k8s.io', eventsLabels]])

type ResourceName = Pick<Kind, 'group' | 'plural'> & Partial<Pick<Kind, 'custom' | 'namespaced'>>

/** What a custom resource's own definition says, if anything. */
function tableOf(kind: ResourceName): FieldTable | undefined {
  if (kind.custom === undefined) return tables.get(groupResource(kind))
  const meta = kind.namespaced === true ? [name, namespace] : [name]
  return new Map([...meta, ...kind.custom.selectable])
}

/** Translates old field labels and refuses (400) what the kind cannot be selected by, worded as the original. */
export function supportFields(kind: ResourceName, selector: FieldSelector): Result<FieldSelector, string> {
  const resource = groupResource(kind)
  const table = tableOf(kind)
  const labels = ownLabels.get(resource)
  const supported: FieldTerm[] = []
  for (const term of selector) {
    const field = labels?.get(term.field) ?? aliases.get(`${resource} ${term.field}`) ?? term.field
    const isKnown = labels === undefined ? (table ?? metadataOnly).has(field) : labels.has(term.field)
    if (!isKnown) return fail(unsupported(resource, field, table !== undefined || labels !== undefined))
    supported.push(field === term.field ? term : { ...term, field })
  }
  return ok(supported)
}

function unsupported(resource: string, field: string, ownTable: boolean): string {
  if (resource === 'jobs.batch') return `field label ${JSON.stringify(field)} not supported for Job`
  if (resource === 'resourceslices.resource.k8s.io')
    return `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`
  if (ownTable) return `field label not supported: ${field}`
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

/** Every field of the object that its kind can be selected by. */
export function fieldsOf(kind: ResourceName, object: ApiObject): Readonly<Record<string, string>> {
  const table = tableOf(kind) ?? metadataOnly
  return Object.fromEntries([...table].map(([field, read]) => [field, read(object)]))
}

/** Reads only the fields that the selector (from supportFields) names. */
export function matchesFields(kind: ResourceName, selector: FieldSelector, object: ApiObject): boolean {
  if (selector.length === 0) return true
  const table = tableOf(kind) ?? metadataOnly
  return selector.every(({ field, value, negated }) => (table.get(field)?.(object) === value) !== negated)
}
