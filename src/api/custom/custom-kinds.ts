/** The kinds that a CustomResourceDefinition makes, one for each version. */

import type { Ending } from '../ending.ts'
import { compareVersions } from '../group-priority.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../kinds.generated.ts'
import { apiVersionOf, type Kind, type ScalePaths } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Refusal } from '../refusal.ts'
import { fail, ok, type Result } from '../result.ts'
import type { Conversion, Versioning } from '../versioning.ts'
import { customColumns } from './custom-columns.ts'
import type { CustomType } from './custom-type.ts'
import { type CustomKind, coerce } from './decode-custom.ts'
import { withDefaults } from './default-values.ts'
import { isTrue } from './definition-condition.ts'
import { customSchema } from './field-types.ts'
import { parseJsonPath } from './json-path.ts'
import type { RuleEngine } from './rule-engine.ts'
import { asRoot, structuralOf } from './structural.ts'
import { valueRules } from './value-rules.ts'

/** Makes objects of one version into those of another. Absent: they differ in apiVersion only. */
export type ConvertVersions = (objects: readonly ApiObject[], apiVersion: string) => Conversion

export type DefinedKinds = Readonly<{
  /** Of each version that is served, as clients should prefer them. */
  served: readonly CustomKind[]
  /** Of the version that is stored, served or not. */
  stored: CustomKind
}>

export type Making = Readonly<{
  retired: Ending
  convert: ConvertVersions | undefined
  compileRules: RuleEngine['compile']
}>

/** undefined: the definition is not established. */
export function customKinds(
  definition: CustomResourceDefinition,
  { retired, convert, compileRules }: Making,
): DefinedKinds | undefined {
  const names = definition.status?.acceptedNames
  if (names === undefined || !isTrue(definition, 'Established')) return undefined
  const kinds = new Map(
    definition.spec.versions.map(
      (version) => [version.name, kindOf(definition, names, version, { retired, compileRules })] as const,
    ),
  )
  const storage = definition.spec.versions.find((version) => version.storage)
  const stored = storage && kinds.get(storage.name)
  if (stored === undefined) return undefined
  const versioned = (kind: CustomKind): CustomKind => ({
    ...kind,
    versioning: versioningOf(kind, stored, kinds, convert),
  })
  const served = definition.spec.versions
    .filter((version) => version.served)
    .flatMap(({ name }) => kinds.get(name) ?? [])
  return {
    served: served.map(versioned).sort((a, b) => compareVersions(a.version, b.version)),
    stored: versioned(stored),
  }
}

/** What a definition says of the kind in each version alike. */
export function namedKind(
  { group, scope }: CustomResourceDefinition['spec'],
  names: CustomResourceDefinitionNames,
  version: string,
): Omit<Kind, 'typeName' | 'status'> {
  return {
    group,
    version,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? '',
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    generation: true,
    isCustom: true,
  }
}

function kindOf(
  definition: CustomResourceDefinition,
  names: CustomResourceDefinitionNames,
  version: CustomResourceDefinitionVersion,
  making: Pick<Making, 'retired' | 'compileRules'>,
): CustomKind {
  const { group } = definition.spec
  const { uid = '', resourceVersion = '' } = definition.metadata ?? {}
  // Tells the types of one state of the definition from those of the next.
  const typeName = `${openApiName(group, version.name, names.kind)}@${uid}/${resourceVersion}`
  const { scale, status } = version.subresources ?? {}
  const paths: ScalePaths | undefined = scale && {
    specReplicas: scale.specReplicasPath,
    statusReplicas: scale.statusReplicasPath,
    labelSelector: scale.labelSelectorPath ?? '',
  }
  return {
    ...namedKind(definition.spec, names, version.name),
    typeName,
    status: status !== undefined,
    ...(paths === undefined ? {} : { scale: paths }),
    custom: typeOf(definition, names, version, typeName, making),
  }
}

const free: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

function typeOf(
  definition: CustomResourceDefinition,
  names: CustomResourceDefinitionNames,
  version: CustomResourceDefinitionVersion,
  typeName: string,
  { retired, compileRules }: Pick<Making, 'retired' | 'compileRules'>,
): CustomType {
  const props = version.schema?.openAPIV3Schema ?? free
  const structural = structuralOf(props)
  const statusProps = version.subresources?.status === undefined ? undefined : props.properties?.status
  return {
    definition: definition.metadata?.name ?? '',
    listKind: names.listKind ?? `${names.kind}List`,
    schema: customSchema(typeName, structural),
    structural,
    root: asRoot(structural),
    keepsAll: definition.spec.preserveUnknownFields === true,
    rules: valueRules(props),
    statusRules: statusProps && valueRules(statusProps),
    checkRules: compileRules(structural),
    columns: customColumns(version.additionalPrinterColumns ?? []),
    selectable: new Map(
      (version.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), textAt(jsonPath)] as const),
    ),
    deprecation: version.deprecated === true ? deprecationOf(definition, version) : undefined,
    isTerminating: isTrue(definition, 'Terminating'),
    published: props,
    retired,
  }
}

/** 'com.example.v1.Widget': how OpenAPI names the type. */
export function openApiName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`
}

function textAt(path: string): (object: ApiObject) => string {
  const read = parseJsonPath(path)
  return (object) => {
    const [value] = read?.(object) ?? []
    return value === undefined || value === null ? '' : String(value)
  }
}

function deprecationOf(
  { spec }: CustomResourceDefinition,
  { name, deprecationWarning }: CustomResourceDefinitionVersion,
): string {
  if (deprecationWarning !== undefined) return deprecationWarning
  const better = spec.versions
    .filter((version) => version.served && version.deprecated !== true && compareVersions(version.name, name) < 0)
    .map((version) => version.name)
    .sort(compareVersions)
  const { kind } = spec.names
  const use = better[0] === undefined ? '' : `; use ${spec.group}/${better[0]} ${kind}`
  return `${spec.group}/${name} ${kind} is deprecated${use}`
}

/** An object that is not of this shape any more is an error of the server's: it cannot be shown. */
function unshowable(problem: string): Refusal {
  return { reason: 'InternalError', message: problem }
}

function versioningOf(
  kind: CustomKind,
  stored: CustomKind,
  versions: ReadonlyMap<string, CustomKind>,
  convert: ConvertVersions | undefined,
): Versioning {
  const between = (objects: readonly ApiObject[], to: CustomKind): Conversion => {
    const apiVersion = apiVersionOf(to)
    const same = objects.every((object) => object.apiVersion === apiVersion)
    if (same) return ok(objects)
    return convert === undefined
      ? ok(objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion })))
      : convert(objects, apiVersion)
  }
  const coerced = (
    converted: Result<readonly ApiObject[], Refusal>,
    to: CustomKind,
  ): Result<readonly ApiObject[], Refusal> =>
    converted.ok ? all(converted.value, (object) => coerce(to.custom, object)) : converted
  return {
    stored,
    judgedAs: 'served',
    ...(convert === undefined ? {} : { waits: true }),
    fromStored(objects) {
      const complete = all(objects, (object) => asDecoded(versions, object))
      if (!complete.ok) return complete
      const converted = between(complete.value, kind)
      return converted instanceof Promise ? converted.then((later) => coerced(later, kind)) : coerced(converted, kind)
    },
    toStored(objects) {
      const converted = between(objects, stored)
      return converted instanceof Promise
        ? converted.then((later) => coerced(later, stored))
        : coerced(converted, stored)
    },
  }
}

/** A stored object by the schema of the version that it was stored in. */
function asDecoded(versions: ReadonlyMap<string, CustomKind>, object: ApiObject): Result<ApiObject, string> {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  const kind: Kind | undefined = versions.get(version)
  if (kind?.custom === undefined) return ok(object)
  const kept = coerce(kind.custom, object)
  return kept.ok ? ok(withDefaults(kept.value, kind.custom.structural) as ApiObject) : kept
}

function all(
  objects: readonly ApiObject[],
  change: (object: ApiObject) => Result<ApiObject, string>,
): Result<readonly ApiObject[], Refusal> {
  const changed: ApiObject[] = []
  for (const object of objects) {
    const after = change(object)
    if (!after.ok) return fail(unshowable(after.error))
    changed.push(after.value)
  }
  return ok(changed)
}
