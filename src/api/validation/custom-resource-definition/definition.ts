/** What keeps a CustomResourceDefinition from being stored, in the words of apiextensions-apiserver. */
import { isTrue } from '../../custom/definition-condition.ts'
import { equalJson } from '../../json-value.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from '../../kinds.generated.ts'
import {
  child,
  type Errors,
  immutable,
  index,
  invalid,
  isUnset,
  keyed,
  notSupported,
  required,
} from '../field-error.ts'
import { dns1035LabelErrors, dnsSubdomainErrors } from '../names.ts'
import { validateAnyMetaUpdate, validateAnyNewMeta } from '../object-meta.ts'
import { approvalAnnotation, approvalOf, isProtectedGroup } from './api-approval.ts'
import { type ConversionLenience, knowsReview, validateConversion } from './conversion.ts'
import { shownVersion } from './shown.ts'
import {
  validateColumns,
  validateDeprecation,
  validateSelectable,
  validateSubresources,
  validateVersionSchema,
} from './versions.ts'

type Definition = CustomResourceDefinition
type Spec = Definition['spec']
type Version = CustomResourceDefinitionVersion

export function validateDefinition(definition: Definition): Errors {
  const { metadata = {}, spec } = definition
  const wanted = `${spec.names.plural}.${spec.group}`
  const nameErrors = (name: string): readonly string[] => [
    ...dnsSubdomainErrors(name),
    ...(name === wanted ? [] : ['must be spec.names.plural+"."+spec.group']),
  ]
  return [
    ...validateAnyNewMeta(metadata, false, nameErrors),
    ...validateSpec(spec, { reviewVersions: false }, undefined),
    ...validateStatus(definition),
    ...validateApproval(definition, undefined),
    ...validatePreserving(spec, undefined),
  ]
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): Errors {
  const { spec } = definition
  const had = old.spec.conversion?.webhook?.conversionReviewVersions ?? []
  const isFixed = isTrue(old, 'Established')
  return [
    ...validateAnyMetaUpdate(definition.metadata ?? {}, old.metadata ?? {}),
    ...validateSpec(spec, { reviewVersions: !knowsReview(had) }, old.spec),
    ...(isFixed ? immutable('spec.scope', spec.scope, old.spec.scope) : []),
    ...(isFixed ? immutable('spec.names.kind', spec.names.kind, old.spec.names.kind) : []),
    ...immutable('spec.group', spec.group, old.spec.group),
    ...immutable('spec.names.plural', spec.names.plural, old.spec.names.plural),
    ...validateStatus(definition),
    ...validateApproval(definition, old),
    ...validatePreserving(spec, old.spec),
  ]
}

export function validateDefinitionStatus(definition: Definition, old: Definition): Errors {
  return [
    ...validateAnyMetaUpdate(definition.metadata ?? {}, old.metadata ?? {}),
    ...validateNames('status.acceptedNames', definition.status?.acceptedNames ?? { plural: '', kind: '' }),
  ]
}

function validateSpec(spec: Spec, lenience: ConversionLenience, old: Spec | undefined): Errors {
  const shared = sharedParts(spec.versions)
  return [
    ...validateGroup(spec.group ?? ''),
    ...validateScope(spec.scope ?? ''),
    ...validateSchemas(spec, shared.schema),
    ...spec.versions.flatMap((version, at) =>
      validateVersion(index('spec.versions', at), version, shared, mayBeMany(version, old)),
    ),
    ...validateVersionNames(spec.versions, shared),
    ...validateRequiredNames(spec.names),
    ...validateNames('spec.names', spec.names),
    ...validateShared(spec.versions, shared, old),
    ...validateConversion('spec.conversion', spec, lenience),
  ]
}

function validateGroup(group: string): Errors {
  const path = 'spec.group'
  if (group === '') return [required(path)]
  const errors = dnsSubdomainErrors(group)
  if (errors.length > 0) return [invalid(path, group, errors.join(','))]
  return group.includes('.') ? [] : [invalid(path, group, 'should be a domain with at least one dot')]
}

function validateScope(scope: string): Errors {
  const scopes = ['Cluster', 'Namespaced']
  if (scope === '') return [required('spec.scope')]
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)]
}

/**
 * What all versions have alike: the original moves it to the top of its own form of the object, whose fields errors name. The conversion
 * of v1 does so part by part.
 */
type Shared = Readonly<Record<'schema' | 'subresources' | 'columns' | 'selectable', boolean>>

function sharedParts(versions: readonly Version[]): Shared {
  const areAlike = (part: (version: Version) => unknown): boolean => {
    const [first] = versions
    return first !== undefined && versions.every((version) => equalJson(part(version) ?? null, part(first) ?? null))
  }
  return {
    schema: areAlike(({ schema }) => schema),
    subresources: areAlike(({ subresources }) => subresources),
    columns: areAlike(({ additionalPrinterColumns }) => additionalPrinterColumns),
    selectable: areAlike(({ selectableFields }) => selectableFields),
  }
}

function validateSchemas({ versions, preserveUnknownFields }: Spec, isShared: boolean): Errors {
  const missing = versions.flatMap(({ schema }, at) =>
    isUnset(schema?.openAPIV3Schema) ? [required(child(index('spec.versions', at), 'schema', 'openAPIV3Schema'))] : [],
  )
  const hasDefaults = versions.some(({ schema }) => JSON.stringify(schema ?? {}).includes('"default":'))
  const keeps = preserveUnknownFields === true && hasDefaults
  const why = 'must be false in order to use defaults in the schema'
  return [
    ...(isShared && missing.length < versions.length ? [] : missing),
    ...(keeps ? [invalid('spec.preserveUnknownFields', true, why)] : []),
  ]
}

/** More selectable fields than there may be stay where they have not changed. */
function mayBeMany({ name, selectableFields = [] }: Version, old: Spec | undefined): boolean {
  const before = old?.versions.find((version) => version.name === name)?.selectableFields
  return before !== undefined && equalJson(before, selectableFields)
}

function validateVersion(path: string, version: Version, shared: Shared, keepsMany: boolean): Errors {
  const { name, schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = version
  const errors = dns1035LabelErrors(name)
  const props = schema?.openAPIV3Schema
  const at = (field: string): string => child(path, field)
  const hasStatus = !isUnset(subresources?.status)
  return [
    ...(errors.length > 0 ? [invalid(at('name'), name, errors.join(','))] : []),
    ...validateDeprecation(path, version),
    ...(shared.schema ? [] : validateVersionSchema(at('schema'), props, hasStatus)),
    ...(shared.subresources ? [] : validateSubresources(at('subresources'), subresources)),
    ...(shared.columns ? [] : validateColumns(at('additionalPrinterColumns'), additionalPrinterColumns)),
    ...(shared.selectable ? [] : validateSelectable(at('selectableFields'), selectableFields, props, keepsMany)),
  ]
}

function validateShared(versions: readonly Version[], shared: Shared, old: Spec | undefined): Errors {
  const [first] = versions
  if (first === undefined) return []
  const { schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = first
  const props = schema?.openAPIV3Schema
  const hasStatus = versions.some((version) => !isUnset(version.subresources?.status))
  return [
    ...(shared.schema ? validateVersionSchema('spec.validation', props, hasStatus) : []),
    ...(shared.subresources ? validateSubresources('spec.subresources', subresources) : []),
    ...(shared.columns ? validateColumns('spec.additionalPrinterColumns', additionalPrinterColumns) : []),
    ...(shared.selectable
      ? validateSelectable('spec.selectableFields', selectableFields, props, mayBeMany(first, old))
      : []),
  ]
}

function validateVersionNames(versions: readonly Version[], shared: Shared): Errors {
  const stored = versions.filter(({ storage }) => storage)
  const names = new Set(versions.map(({ name }) => name))
  const shown = versions.map((version) => shownVersion(version, shared))
  const wrong = (why: string): Errors => [invalid('spec.versions', shown, why)]
  return [
    ...(names.size < versions.length ? wrong('must contain unique version names') : []),
    ...(stored.length === 1 ? [] : wrong('must have exactly one version marked as storage version')),
    ...(versions[0] === undefined ? [] : named('spec.version', versions[0].name)),
  ]
}

function validateRequiredNames(names: CustomResourceDefinitionNames): Errors {
  return (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => (names[name] ?? '') === '')
    .map((name) => required(child('spec.names', name)))
}

function validateNames(path: string, names: CustomResourceDefinitionNames): Errors {
  const at = (name: string): string => child(path, name)
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names
  const lower = (field: string, name: string): Errors => {
    const errors = name === '' ? [] : dns1035LabelErrors(name)
    return errors.length === 0 ? [] : [invalid(field, name, errors.join(','))]
  }
  const mixed = (field: string, name: string): Errors => {
    const errors = name === '' ? [] : dns1035LabelErrors(name.toLowerCase())
    const why = 'may have mixed case, but should otherwise match: '
    return errors.length === 0 ? [] : [invalid(field, name, `${why}${errors.join(',')}`)]
  }
  return [
    ...lower(at('plural'), plural),
    ...lower(at('singular'), singular),
    ...mixed(at('kind'), kind),
    ...mixed(at('listKind'), listKind),
    ...shortNames.flatMap((name, place) => named(index(at('shortNames'), place), name)),
    ...(kind !== '' && kind === listKind
      ? [invalid(at('listKind'), listKind, 'kind and listKind may not be the same')]
      : []),
    ...categories.flatMap((name, place) => named(index(at('categories'), place), name)),
  ]
}

function named(path: string, name: string): Errors {
  const errors = dns1035LabelErrors(name)
  return errors.length === 0 ? [] : [invalid(path, name, errors.join(','))]
}

function validateStatus({ spec, status }: Definition): Errors {
  return [
    ...validateNames('status.acceptedNames', status?.acceptedNames ?? { plural: '', kind: '' }),
    ...validateStored('status.storedVersions', status?.storedVersions ?? [], spec.versions),
  ]
}

function validateStored(path: string, stored: readonly string[], versions: readonly Version[]): Errors {
  if (stored.length === 0) return [invalid(path, null, 'must have at least one stored version')]
  // Each stored version answers for one version of that name.
  const unstored = versions.filter(
    ({ name, storage }, at) =>
      storage && (!stored.includes(name) || versions.slice(0, at).some((v) => v.name === name)),
  )
  const gone = [...stored.entries()].filter(([, name]) => !versions.some((version) => version.name === name))
  const why = (name: string): string =>
    `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ` +
    `ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
  return [
    ...unstored.map(({ name }) => invalid(path, stored, `must have the storage version ${name}`)),
    ...gone.map(([at, name]) => invalid(index(path, at), name, why(name))),
  ]
}

function validateApproval({ metadata, spec }: Definition, old: Definition | undefined): Errors {
  if (!isProtectedGroup(spec.group)) return []
  const { state, reason } = approvalOf(metadata?.annotations)
  if (old !== undefined && approvalOf(old.metadata?.annotations).state === state) return []
  const path = keyed('metadata.annotations', approvalAnnotation)
  if (state === 'missing') return [required(path, reason)]
  return state === 'invalid' ? [invalid(path, metadata?.annotations?.[approvalAnnotation], reason)] : []
}

function validatePreserving({ preserveUnknownFields }: Spec, old: Spec | undefined): Errors {
  if (preserveUnknownFields !== true || old?.preserveUnknownFields === true) return []
  const why = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return [invalid('spec.preserveUnknownFields', true, why)]
}
