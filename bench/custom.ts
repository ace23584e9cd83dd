import { benchApi, type Figure, type Load, must } from './api.ts'
import { type Connection, connect, type Target } from './connection.ts'
import { medians, type Single } from './table.ts'

/** Custom resources beside built-in ones of the same size, and what definitions cost. */

const group = 'bench.example.com'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** As small and as plain as a ConfigMap of the load. */
const text = { type: 'string' }
const dataSchema = { type: 'object', properties: { version: text, payload: text } }

function definition(plural: string, group: string): string {
  const openAPIV3Schema = { type: 'object', properties: { data: dataSchema } }
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: plural, kind: `K${plural}`, listKind: `K${plural}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  })
}

const widgets: Load = {
  base: (namespace) => `/apis/${group}/v1/namespaces/${namespace}/widgets`,
  name: (i) => `cm-${i}`,
  object(i, version, resourceVersion) {
    const labels = { app: 'bench', shard: String(i % 10) }
    return JSON.stringify({
      apiVersion: `${group}/v1`,
      kind: 'Kwidgets',
      metadata: { name: `cm-${i}`, labels, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      data: { version: String(version), payload: 'x'.repeat(200) },
    })
  },
  needsVersion: true,
}

async function define(connection: Connection, plural: string, group: string): Promise<void> {
  await must(connection.request('POST', definitions, definition(plural, group), true))
  for (;;) {
    const { status } = await connection.request('GET', `/apis/${group}/v1/namespaces/default/${plural}`)
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** In turns, so that both meet the same machine; the first round is for the code to get warm. */
export async function benchCustom(target: Target, rounds: number): Promise<readonly Single[]> {
  const connection = await connect(target)
  await define(connection, 'widgets', group)
  const builtIn: (readonly Figure[])[] = []
  const custom: (readonly Figure[])[] = []
  for (let round = 0; round <= rounds; round++) {
    const [one, other] = [await benchApi(target, 2 * round), await benchApi(target, 2 * round + 1, widgets)]
    if (round === 0) continue
    builtIn.push(one)
    custom.push(other)
  }
  const others = medians(custom)
  const compared = medians(builtIn).flatMap(({ phase, perSecond, cpuMs }, at): readonly Single[] => [
    {
      what: `${phase}: custom resources, share of built-in throughput`,
      value: share(others[at]?.perSecond, perSecond),
      unit: '%',
    },
    {
      what: `${phase}: custom resources, share of built-in processor time`,
      value: share(others[at]?.cpuMs, cpuMs),
      unit: '%',
    },
  ])
  const costs = await benchDefinitions(connection, 100)
  connection.close()
  return [...compared, ...costs]
}

function share(part: number | undefined, whole: number): number {
  return ((part ?? Number.NaN) / whole) * 100
}

/** The first of OpenAPI v2, v3 and discovery after each definition: what a client meets that comes right after one. */
async function benchDefinitions(connection: Connection, count: number): Promise<readonly Single[]> {
  const spent = {
    define: [] as number[],
    v2: [] as number[],
    v3: [] as number[],
    index: [] as number[],
    other: [] as number[],
    discovery: [] as number[],
  }
  const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now()
    await work()
    into.push(performance.now() - startedMs)
  }
  for (let i = 0; i < count; i++) {
    const own = `group${i}.${group}`
    await timed(spent.define, () => define(connection, 'gadgets', own))
    await timed(spent.discovery, () => connection.request('GET', `/apis/${own}/v1`))
    await timed(spent.v3, () => connection.request('GET', `/openapi/v3/apis/${own}/v1`))
    await timed(spent.index, () => connection.request('GET', '/openapi/v3'))
    await timed(spent.other, () => connection.request('GET', '/openapi/v3/apis/apps/v1'))
    await timed(spent.v2, () => connection.request('GET', '/openapi/v2'))
  }
  const last = (values: readonly number[]): number => {
    const sorted = values.slice(-10).sort((a, b) => a - b)
    return sorted[4] ?? Number.NaN
  }
  const named = (what: string, values: readonly number[]): Single => ({ what, value: last(values), unit: 'ms' })
  const among = `with ${count} definitions`
  return [
    named(`a definition, until it is served, ${among}`, spent.define),
    named(`discovery of its group after one more, ${among}`, spent.discovery),
    named(`OpenAPI v3 of its group after one more, ${among}`, spent.v3),
    named(`index of OpenAPI v3 after one more, ${among}`, spent.index),
    named(`OpenAPI v3 of another group after one more, ${among}`, spent.other),
    named(`OpenAPI v2 after one more, ${among}`, spent.v2),
  ]
}
