import { describe, expect, test } from 'vitest'
import { customKinds } from '../custom/custom-kinds.ts'
import { makeEnder } from '../ending.ts'
import type { CustomResourceDefinition } from '../kinds.generated.ts'
import { allKinds, type Kind, kinds } from '../kinds.ts'
import { schema } from '../schema-reader.ts'
import { describedTypes } from './description.ts'
import { openApiV2, openApiV3Document, openApiV3Names } from './document.ts'
import { contentHash, noDocuments, openApiDocuments } from './documents.ts'
import { queryParameters } from './parameter.ts'

type Json = Readonly<Record<string, unknown>>

function dig(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Json | undefined)?.[key], value)
}

function document(name: string): Json {
  const found = openApiV3Document(allKinds, name)
  if (found === undefined) throw new Error(`no document ${name}`)
  return found
}

function references(value: unknown): readonly string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)].map(
    (m) => m[1] ?? '',
  )
}

describe('the v3 documents', () => {
  test('are one for each group version, and those of discovery', () => {
    const groups = allKinds.flatMap(({ group, version }) =>
      group === '' ? [] : [`apis/${group}`, `apis/${group}/${version}`],
    )
    expect(openApiV3Names(allKinds)).toEqual([...new Set(['api', 'api/v1', 'apis', 'version', ...groups])].sort())
    expect(openApiV3Document(allKinds, 'apis/nothing/v1')).toBeUndefined()
  })

  test.each(openApiV3Names(allKinds))('%s refers only to what it holds', (name) => {
    const schemas = dig(document(name), 'components', 'schemas') as Json
    for (const reference of references(document(name))) expect(Object.keys(schemas)).toContain(reference)
  })

  test('say what apply needs to know of a type', () => {
    const schemas = dig(document('apis/apps/v1'), 'components', 'schemas')
    expect(dig(schemas, 'io.k8s.api.core.v1.Container', 'properties', 'ports')).toMatchObject({
      type: 'array',
      items: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ContainerPort' }] },
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'containerPort',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(dig(schemas, 'io.k8s.api.core.v1.ContainerPort')).toMatchObject({
      required: ['containerPort'],
      properties: { protocol: { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] } },
    })
    expect(dig(schemas, 'io.k8s.api.core.v1.PodSpec', 'properties', 'nodeSelector')).toMatchObject({
      additionalProperties: { type: 'string', default: '' },
      'x-kubernetes-map-type': 'atomic',
    })
    expect(dig(schemas, 'io.k8s.api.apps.v1.Deployment', 'x-kubernetes-group-version-kind')).toEqual([
      { group: 'apps', kind: 'Deployment', version: 'v1' },
    ])
  })

  test.each([
    ['api/v1', '/api/v1/namespaces/{namespace}/pods', 'get', 'listCoreV1NamespacedPod', 'list'],
    ['api/v1', '/api/v1/pods', 'get', 'listCoreV1PodForAllNamespaces', 'list'],
    [
      'api/v1',
      '/api/v1/namespaces/{namespace}/pods/{name}/exec',
      'post',
      'connectCoreV1PostNamespacedPodExec',
      'connect',
    ],
    ['api/v1', '/api/v1/namespaces/{namespace}/pods/{name}/log', 'get', 'readCoreV1NamespacedPodLog', 'get'],
    ['api/v1', '/api/v1/namespaces/{name}/finalize', 'put', 'replaceCoreV1NamespaceFinalize', 'put'],
    ['api/v1', '/api/v1/nodes', 'delete', 'deleteCoreV1CollectionNode', 'deletecollection'],
    [
      'apis/apps/v1',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
      'patch',
      'patchAppsV1NamespacedDeploymentScale',
      'patch',
    ],
    [
      'apis/rbac.authorization.k8s.io/v1',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}',
      'put',
      'replaceRbacAuthorizationV1ClusterRole',
      'put',
    ],
  ])('%s: %s %s is %s', (name, path, method, operationId, action) => {
    expect(dig(document(name), 'paths', path, method)).toMatchObject({ operationId, 'x-kubernetes-action': action })
  })

  test('a subresource with a kind of its own is about that kind', () => {
    const paths = dig(document('api/v1'), 'paths')
    expect(dig(paths, '/api/v1/namespaces/{namespace}/pods/{name}/eviction', 'post')).toMatchObject({
      'x-kubernetes-group-version-kind': { group: 'policy', version: 'v1', kind: 'Eviction' },
      requestBody: { content: { '*/*': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } } } },
    })
  })

  test('patches tell the parameters by which kubectl knows what it may ask for', () => {
    for (const kind of allKinds) {
      const root = kind.group === '' ? 'api/v1' : `apis/${kind.group}/${kind.version}`
      const path = `/${root}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}/{name}`
      const parameters = dig(document(root), 'paths', path, 'patch', 'parameters') as readonly { name: string }[]
      expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['dryRun', 'fieldValidation']))
    }
  })
})

describe('the v2 document', () => {
  test('refers only to what it holds, and has every kind', () => {
    const swagger = openApiV2(allKinds)
    const definitions = Object.keys(swagger.definitions as Json)
    for (const reference of references(swagger)) expect(definitions).toContain(reference)
    for (const kind of allKinds) expect(definitions).toContain(kind.typeName)
  })

  test('has neither defaults nor alternatives, which Swagger 2 cannot say', () => {
    const { definitions } = openApiV2([kinds.pods])
    expect(dig(definitions, 'io.k8s.apimachinery.pkg.util.intstr.IntOrString')).toMatchObject({
      type: 'string',
      format: 'int-or-string',
    })
    expect(JSON.stringify(definitions)).not.toMatch(/"(?:oneOf|allOf|default)":[{["]/)
  })
})

describe('descriptions', () => {
  const shortNames = new Map(schema.typeNames().map((name) => [name.split('.').slice(-3).join('.'), name]))
  const leaves = ['meta.v1.Time', 'meta.v1.MicroTime', 'api.resource.Quantity', 'util.intstr.IntOrString']

  test.each(Object.entries(describedTypes()))('of %s name only fields that it has', (type, fields) => {
    const name = shortNames.get(type)
    expect(name !== undefined || leaves.includes(type)).toBe(true)
    const known = name === undefined ? [] : [...schema.typeOf(name).fields.keys()]
    for (const field of Object.keys(fields)) expect(['', ...known]).toContain(field)
  })

  test('are sentences', () => {
    const texts = [
      ...Object.values(describedTypes()).flatMap(Object.values),
      ...Object.values(queryParameters).map((p) => p.description),
    ]
    for (const text of texts) expect(text).toMatch(/^['A-Z].*\.$/s)
  })
})

describe('the served documents', () => {
  test('are found under an address with the hash of their content', () => {
    const documents = openApiDocuments(allKinds)
    const { paths } = JSON.parse(documents.v3Index().text) as { paths: Record<string, { serverRelativeURL: string }> }
    const apps = documents.v3('apis/apps/v1')
    expect(paths['apis/apps/v1']?.serverRelativeURL).toBe(`/openapi/v3/apis/apps/v1?hash=${apps?.hash}`)
    expect(documents.v3('apis/apps/v1')).toBe(apps)
    expect(documents.v3('apis/nothing')).toBeUndefined()
  })

  test('have another hash when their content is another', () => {
    expect(openApiDocuments([kinds.pods]).v2().hash).not.toBe(openApiDocuments([kinds.pods, kinds.nodes]).v2().hash)
    const hashes = ['', 'a', 'b', 'ab', 'ba', 'abcd', 'abce', 'bbcd'].map(contentHash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})

/** Kinds of a definition `name`s.GROUP. */
function defined(name: string, group: string): readonly Kind[] {
  const names = { plural: `${name}s`, singular: name, kind: name, listKind: `${name}List` }
  const schemaOf = { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } }
  const definition = {
    metadata: { name: `${name}s.${group}`, uid: name, resourceVersion: '1' },
    spec: {
      group,
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema: schemaOf }],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }], acceptedNames: names, storedVersions: ['v1'] },
  } as unknown as CustomResourceDefinition
  const making = { retired: makeEnder().signal, convert: undefined, compileRules: () => undefined }
  return customKinds(definition, making)?.served ?? []
}

test('documents made of what was kept are those that are made anew, whatever is defined and no longer', () => {
  const [one, two, other] = [defined('one', 'a.test'), defined('two', 'a.test'), defined('one', 'b.test')]
  const kept = noDocuments()
  for (const custom of [[], one, [...one, ...other], [...one, ...two, ...other], [...two, ...other]]) {
    const served = [...allKinds, ...custom]
    const [again, fresh] = [openApiDocuments(served, [], kept), openApiDocuments(served)]
    expect(again.v2().hash).toBe(fresh.v2().hash)
    expect(again.v3Index().text).toBe(fresh.v3Index().text)
  }
})
