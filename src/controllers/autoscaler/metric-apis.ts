import type { V2MetricSpec as MetricSpec, Status } from '../../api/kinds.generated.ts'
import { groupResource, type Kind } from '../../api/kinds.ts'
import { formatSelector, selectorFromObject } from '../../api/label-selector.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { isRecord } from '../../client/answer.ts'
import type { Client } from '../../client/client.ts'
import { query } from '../../client/request-path.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import type { MetricAnswer, MetricValue } from './asked-proposal.ts'
import { milliOf } from './replica-proposal.ts'

export type MetricSource = Readonly<{
  client: Pick<Client, 'read'>
  /** The kind that is served for a group and a kind's name. */
  kindOf(group: string, kind: string): Kind | undefined
  namespace: string
  /** Of the target's pods. */
  selector: string
}>

const customGroup = 'custom.metrics.k8s.io'
const externalGroup = 'external.metrics.k8s.io'
/** Those that are understood. */
const customVersions = ['v1beta2', 'v1beta1']
const defaultWindowMs = 60_000

/**
 * What the APIs of custom and external metrics tell of the metric; undefined where it is not theirs to tell. Errors are worded as
 * kube-controller-manager's podautoscaler/metrics does.
 */
export async function askedMetric(source: MetricSource, metric: MetricSpec): Promise<MetricAnswer | undefined> {
  switch (metric.type) {
    case 'Pods':
      return podsMetric(source, metric)
    case 'Object':
      return objectMetric(source, metric)
    case 'External':
      return externalMetric(source, metric)
    default:
      return undefined
  }
}

async function podsMetric(source: MetricSource, { pods }: MetricSpec): Promise<MetricAnswer> {
  const { name = '', selector } = pods?.metric ?? {}
  const search = { labelSelector: source.selector, metricLabelSelector: textOf(selector) }
  const path = `namespaces/${source.namespace}/pods/*/${encodeURIComponent(name)}${query(search)}`
  const found = await customValues(source, path, 'pods', '*')
  if (!found.ok) return fail(`unable to fetch metrics from custom metrics API: ${found.error}`)
  return found.value.length === 0 ? fail('no metrics returned from custom metrics API') : found
}

async function objectMetric(source: MetricSource, { object }: MetricSpec): Promise<MetricAnswer> {
  const { apiVersion = '', kind: kindName = '', name = '' } = object?.describedObject ?? {}
  const { name: metricName = '', selector } = object?.metric ?? {}
  const group = groupOf(apiVersion)
  const search = query({ metricLabelSelector: textOf(selector) })
  const refused = (why: string): MetricAnswer => fail(`unable to fetch metrics from custom metrics API: ${why}`)
  const kind = source.kindOf(group, kindName)
  if (kind === undefined) {
    const whole = group === '' ? kindName : `${kindName}.${group}`
    const none = `no matches for kind ${JSON.stringify(kindName)} in group ${JSON.stringify(group)}`
    return refused(`unable to map kind ${whole} to resource: ${none}`)
  }
  const isNamespace = kindName === 'Namespace' && group === ''
  // A reference cannot lead out of its namespace: whichever one it names, its own is meant.
  const [of, at] = isNamespace ? ['metrics', metricName] : [groupResource(kind), name]
  const rest = isNamespace ? '' : `/${encodeURIComponent(metricName)}`
  const path = `namespaces/${source.namespace}/${of}/${encodeURIComponent(at)}${rest}${search}`
  const found = await customValues(source, path, of, at)
  if (!found.ok) return refused(found.error)
  const { length } = found.value
  return length === 1
    ? found
    : refused(`the custom metrics API server returned ${length} results when we asked for exactly one`)
}

async function externalMetric({ client, namespace }: MetricSource, { external }: MetricSpec): Promise<MetricAnswer> {
  const { name = '', selector } = external?.metric ?? {}
  const search = query({ labelSelector: textOf(selector) })
  const path = `/apis/${externalGroup}/v1beta1/namespaces/${namespace}/${encodeURIComponent(name)}${search}`
  const answer = await client.read(path)
  if (!answer.ok) {
    const why = refusedText(answer.error, `${name}.${externalGroup}`)
    return fail(`unable to fetch metrics from external metrics API: ${why}`)
  }
  const values = valuesOf(answer.value)
  return values.length === 0 ? fail('no metrics returned from external metrics API') : ok(values)
}

async function customValues(
  { client }: MetricSource,
  path: string,
  resource: string,
  name: string,
): Promise<Result<readonly MetricValue[], string>> {
  const version = await preferredVersion(client)
  if (!version.ok) return version
  const answer = await client.read(`/apis/${customGroup}/${version.value}/${path}`)
  if (!answer.ok) return fail(refusedText(answer.error, `${resource}.${customGroup} ${name}`))
  return ok(valuesOf(answer.value))
}

async function preferredVersion(client: Pick<Client, 'read'>): Promise<Result<string, string>> {
  const answer = await client.read(`/apis/${customGroup}`)
  if (!answer.ok && answer.error.code === 404) return fail(`no custom metrics API (${customGroup}) registered`)
  if (!answer.ok) return fail(refusedText(answer.error, ''))
  const group = isRecord(answer.value) ? answer.value : {}
  const versions = Array.isArray(group.versions) ? group.versions : []
  const names = [group.preferredVersion, ...versions].map((one) => (isRecord(one) ? one.version : undefined))
  const known = names.find(isKnown)
  return typeof known === 'string' ? ok(known) : fail('no known available metric versions found')
}

function isKnown(version: unknown): boolean {
  return customVersions.some((known) => known === version)
}

/** The items of a MetricValueList or an ExternalMetricValueList. */
function valuesOf(list: unknown): readonly MetricValue[] {
  const items: readonly unknown[] = isRecord(list) && Array.isArray(list.items) ? list.items : []
  return items.filter(isRecord).map(({ describedObject, value, timestamp, windowSeconds }) => ({
    name: isRecord(describedObject) ? String(describedObject.name ?? '') : '',
    milli: milliOf(String(value ?? '0')),
    atMs: (typeof timestamp === 'string' ? msOfTimestamp(timestamp) : undefined) ?? 0,
    windowMs: typeof windowSeconds === 'number' ? windowSeconds * 1000 : defaultWindowMs,
  }))
}

export function groupOf(apiVersion: string): string {
  const at = apiVersion.indexOf('/')
  return at < 0 ? '' : apiVersion.slice(0, at)
}

function textOf(selector: Parameters<typeof selectorFromObject>[0]): string {
  const parsed = selectorFromObject(selector)
  return parsed.ok && parsed.value !== undefined ? formatSelector(parsed.value) : ''
}

const generic: Readonly<Record<number, string>> = {
  404: 'the server could not find the requested resource',
  503: 'the server is currently unable to handle the request',
}

/** What a server says; in client-go's words where it says nothing of its own. */
export function refusedText({ code = 0, message = '', details }: Status, asked: string): string {
  const words = details === undefined ? generic[code] : undefined
  return words === undefined ? message : `${words} (get ${asked})`
}
