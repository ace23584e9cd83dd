import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import { randomObject } from '../../api/protobuf/random-object.ts'
import type { Chance } from './chance.ts'

export type FuzzBody = Readonly<{ contentType: string; bytes: Uint8Array }>

type Json = Record<string, unknown>

const encoder = new TextEncoder()
const odd: readonly [unknown, ...unknown[]] = [
  null,
  '',
  'x',
  -1,
  1e308,
  2 ** 53,
  true,
  [],
  {},
  [null],
  { a: { b: [] } },
  '\u0000',
  '../..',
  '%s%n',
  '-'.repeat(300),
]

/** What a client might send to the path of the kind: sound, nearly so, or nothing of the sort. */
export function fuzzBody(chance: Chance, kind: Kind, method: string, names: readonly string[]): FuzzBody {
  if (method === 'PATCH') return fuzzPatch(chance, kind, names)
  const object = fuzzObject(chance, kind, names)
  return chance.pick<() => FuzzBody>([
    () => json(mutated(chance, object)),
    () => json(object),
    () => json(object),
    () => json(object),
    () => json(object),
    () => json(object),
    () => json(object),
    () => text('application/yaml', JSON.stringify(mutated(chance, object))),
    () => text('application/json', broken(chance, JSON.stringify(object))),
    () => text('application/yaml', broken(chance, `a: &x [*x, !!binary "?"]\n${JSON.stringify(object)}`)),
    () => protobuf(chance),
    () => text(chance.pick(['text/plain', 'application/cbor', '', ';;', 'application/json;charset=x']), 'x'),
    () => json(chance.pick(odd)),
  ])()
}

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'i' }] } }
const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { a: 'b' } }

/** Objects that pass, by kind: what comes after them finds something there. */
const sound: Readonly<Record<string, Json>> = {
  ConfigMap: { data: { k: 'v' } },
  Secret: { data: { k: 'dg==' } },
  Pod: { spec: template.spec },
  Service: { spec: { ports: [{ port: 80 }], selector: { a: 'b' } } },
  Namespace: {},
  ServiceAccount: {},
  PersistentVolumeClaim: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  Deployment: { spec: { selector, template } },
  ReplicaSet: { spec: { selector, template } },
  StatefulSet: { spec: { selector, template, serviceName: 's' } },
  DaemonSet: { spec: { selector, template } },
  Job: { spec: { template: once } },
  CronJob: { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: once } } } },
  Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  Lease: {},
  LimitRange: { spec: { limits: [{ type: 'Pod', max: { cpu: '2' } }] } },
  ResourceQuota: { spec: { hard: { pods: '5' } } },
  StorageClass: { provisioner: 'example.com/x' },
  PriorityClass: { value: 5 },
  NetworkPolicy: { spec: { podSelector: {} } },
}

function fuzzObject(chance: Chance, { kind, typeName, namespaced, ...group }: Kind, names: readonly string[]): Json {
  const passes = chance.happens(0.5) ? sound[kind] : undefined
  const object = passes ?? randomObject(typeName, chance.below(2 ** 31))
  const metadata = (object.metadata ?? {}) as Json
  const name = names[chance.below(names.length)]
  return {
    ...object,
    apiVersion: apiVersionOf(group),
    kind,
    metadata: {
      ...(chance.happens(0.3) ? metadata : {}),
      name,
      ...(namespaced && chance.happens(0.5) ? { namespace: 'default' } : {}),
    },
  }
}

/** One place of it, or a few, hold something else, or something that does not belong there. */
function mutated(chance: Chance, value: unknown, depth = 0): unknown {
  if (depth > 6 || chance.happens(0.08)) return chance.pick(odd)
  if (Array.isArray(value)) return value.map((item) => (chance.happens(0.3) ? mutated(chance, item, depth + 1) : item))
  if (typeof value !== 'object' || value === null) return chance.happens(0.2) ? chance.pick(odd) : value
  const entries = Object.entries(value).map(([key, item]) => [
    chance.happens(0.02) ? `${key}x` : key,
    chance.happens(0.3) ? mutated(chance, item, depth + 1) : item,
  ])
  return Object.fromEntries(entries)
}

function broken(chance: Chance, whole: string): string {
  const at = chance.below(whole.length + 1)
  return chance.pick<() => string>([
    () => whole.slice(0, at),
    () =>
      `${whole.slice(0, at)}${chance.pick(['{', '"', '\\u', '\u0000', ',', ':', '}}', '1e', '-', '\ud800'])}${whole.slice(at)}`,
    () => '['.repeat(2000),
    () => `${'{"a":'.repeat(1500)}1`,
    () => whole + whole,
    () => whole.replace('"metadata":', '"metadata":{},"metadata":'),
  ])()
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

function fuzzPatch(chance: Chance, kind: Kind, names: readonly string[]): FuzzBody {
  const object = fuzzObject(chance, kind, names)
  const body = chance.pick<() => FuzzBody>([
    () => text(patchTypes.json, JSON.stringify(jsonPatch(chance))),
    () => text(patchTypes.merge, JSON.stringify(mutated(chance, object))),
    () => text(patchTypes.strategic, JSON.stringify(mutated(chance, withDirectives(chance, object)))),
    () => text(patchTypes.apply, JSON.stringify(chance.happens(0.6) ? object : mutated(chance, object))),
    () => text(chance.pick(Object.values(patchTypes) as [string, ...string[]]), JSON.stringify(chance.pick(odd))),
    () => text(chance.pick(Object.values(patchTypes) as [string, ...string[]]), broken(chance, JSON.stringify(object))),
    () => text(chance.pick(['application/json', 'text/yaml', 'application/apply-patch+cbor']), '{}'),
  ])()
  return body
}

function jsonPatch(chance: Chance): unknown {
  const operation = () => ({
    op: chance.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'explode']),
    path: chance.pick([
      '',
      '/',
      '/metadata',
      '/metadata/labels/a',
      '/spec/containers/0',
      '/spec/containers/-',
      '/a~2',
      'x',
      '/data/k',
      '/metadata/finalizers/9',
    ]),
    from: chance.pick(['', '/spec', '/metadata/labels', '/nowhere', 'x']),
    value: chance.pick(odd),
  })
  return Array.from({ length: chance.below(5) }, operation)
}

/** The directives of strategic merge patches, where they may and may not stand. */
function withDirectives(chance: Chance, value: unknown, depth = 0): unknown {
  if (depth > 4 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const directive = { $patch: chance.pick(['delete', 'replace', 'merge', 'x']), name: 'a' }
    return [
      ...value.map((item) => withDirectives(chance, item, depth + 1)),
      ...(chance.happens(0.2) ? [directive] : []),
    ]
  }
  const entries = Object.entries(value).map(([key, item]) => [key, withDirectives(chance, item, depth + 1)] as const)
  const directives: readonly [readonly [string, unknown], ...(readonly [string, unknown])[]] = [
    ['$patch', chance.pick(['replace', 'delete', 'merge', 'x', ''])],
    ['$retainKeys', chance.pick<unknown>([['name'], [1], 'x'])],
    ['$setElementOrder/containers', chance.pick<unknown>([[{ name: 'a' }], ['a'], {}, null])],
    ['$deleteFromPrimitiveList/finalizers', chance.pick<unknown>([['a'], 'x', [{}]])],
  ]
  return Object.fromEntries([...entries, ...(chance.happens(0.25) ? [chance.pick(directives)] : [])])
}

function protobuf(chance: Chance): FuzzBody {
  const prefix = chance.happens(0.8) ? [0x6b, 0x38, 0x73, 0x00] : []
  const rest = Array.from({ length: chance.below(60) }, () => chance.below(256))
  return { contentType: 'application/vnd.kubernetes.protobuf', bytes: Uint8Array.from([...prefix, ...rest]) }
}

function json(value: unknown): FuzzBody {
  return text('application/json', JSON.stringify(value) ?? '')
}

function text(contentType: string, content: string): FuzzBody {
  return { contentType, bytes: encoder.encode(content) }
}
