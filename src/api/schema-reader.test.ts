import { describe, expect, test } from 'vitest'
import { allKinds } from './kinds.ts'
import type { FieldType } from './schema.ts'
import { readSchema, schema } from './schema-reader.ts'

function field(type: string, name: string) {
  return schema.typeOf(`io.k8s.api.${type}`).fields.get(name)
}

describe('the schema', () => {
  test('has a type for every kind, with its metadata', () => {
    for (const kind of allKinds) expect(schema.typeOf(kind.typeName).fields.has('metadata'), kind.kind).toBe(true)
  })

  test('refers to no type that it lacks, and names each type once', () => {
    const names = schema.typeNames()
    expect(new Set(names).size).toBe(names.length)
    const visit = (type: FieldType): void => {
      if (type.type === 'object') expect(names).toContain(type.ref)
      if (type.type === 'list' || type.type === 'map') visit(type.of)
    }
    for (const name of names) for (const { type } of schema.typeOf(name).fields.values()) visit(type)
  })

  test('throws for a name that it does not know', () => {
    expect(() => schema.typeOf('io.k8s.api.core.v1.Pot')).toThrow('no type io.k8s.api.core.v1.Pot')
  })

  test('gives the keys of a list map, of which one may have a default', () => {
    expect(field('core.v1.Container', 'ports')?.type).toEqual({
      type: 'list',
      of: { type: 'object', ref: 'io.k8s.api.core.v1.ContainerPort' },
      listType: 'map',
      keys: ['containerPort', 'protocol'],
      mergeKey: 'containerPort',
    })
    expect(field('core.v1.ContainerPort', 'protocol')).toMatchObject({ default: 'TCP', goType: 'v1.Protocol' })
  })

  test('tells a merged set of scalars, and strategies that keep only some keys', () => {
    const finalizers = schema.typeOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta').fields.get('finalizers')
    expect(finalizers?.type).toMatchObject({ listType: 'set', mergeKey: '' })
    expect(field('core.v1.PodSpec', 'volumes')?.patchStrategy).toEqual(['merge', 'retainKeys'])
    expect(field('apps.v1.DeploymentSpec', 'strategy')?.patchStrategy).toEqual(['retainKeys'])
  })

  test('knows atomic structs and maps, and the fields that differ from their type', () => {
    expect(schema.typeOf('io.k8s.api.core.v1.ObjectReference').atomic).toBe(true)
    expect(field('core.v1.PersistentVolumeSpec', 'claimRef')?.type).toMatchObject({ atomic: false })
    expect(field('core.v1.PodSpec', 'nodeSelector')?.type).toMatchObject({ type: 'map', atomic: true })
    expect(field('core.v1.ConfigMap', 'data')?.type).toEqual({ type: 'map', of: { type: 'scalar', scalar: 'string' } })
  })

  test.each([
    ['core.v1.Pod', 'status', 'always', {}],
    ['core.v1.PodSpec', 'securityContext', 'pointer', undefined],
    ['core.v1.PodSpec', 'hostNetwork', 'omitEmpty', undefined],
    ['core.v1.PodCondition', 'lastProbeTime', 'always', undefined],
    ['core.v1.Container', 'name', 'always', ''],
  ])('says what becomes of an empty %s.%s: %s', (type, name, presence, value) => {
    expect(field(type, name)).toMatchObject({ presence })
    expect(field(type, name)?.default).toEqual(value)
  })

  test('spells Go types as error messages do', () => {
    expect(field('core.v1.PodSpec', 'containers')?.goType).toBe('[]v1.Container')
    expect(field('core.v1.ResourceRequirements', 'limits')?.goType).toBe('v1.ResourceList')
    expect(field('core.v1.ConfigMap', 'binaryData')?.goType).toBe('map[string][]uint8')
  })
})

test('a line of the generated file reads as its format says', () => {
  const small = readSchema({
    'core.v1.A': '@atomic +n!:[]B,map=x/y,merge=x *p:{}{}meta.v1.M o:string,enum=a|b',
    'core.v1.B': '',
  })
  const type = small.typeOf('io.k8s.api.core.v1.A')
  expect(type.atomic).toBe(true)
  expect([...type.fields.values()].map(({ name, required, presence }) => [name, required, presence])).toEqual([
    ['n', true, 'always'],
    ['p', false, 'pointer'],
    ['o', false, 'omitEmpty'],
  ])
  expect(type.fields.get('p')?.goType).toBe('map[string]map[string]v1.M')
  expect(type.fields.get('o')?.enumeration).toEqual(['a', 'b'])
  expect(small.typeOf('io.k8s.api.core.v1.B').fields.size).toBe(0)
})
