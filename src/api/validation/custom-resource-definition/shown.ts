/** Parts of a definition as the original's errors show them: in its own form of them, by the names of Go. */
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../kinds.generated.ts'
import { schemaOf } from './structural.ts'

type Part = (value: unknown) => unknown

const text: Part = (value) => value ?? ''
const flag: Part = (value) => value ?? false
const optional: Part = (value) => value ?? null
const one: Part = (value) => (schemaOf(value) === undefined ? null : shownSchema(value as JSONSchemaProps))
const list: Part = (value) => (Array.isArray(value) ? value.map(one) : null)
const byName: Part = (value) =>
  schemaOf(value) === undefined
    ? null
    : Object.fromEntries(
        Object.entries(value as object)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, inner]) => [name, one(inner)]),
      )
const orList: Part = (value) => (value === undefined ? null : { Schema: one(value), JSONSchemas: list(value) })
const orFlag: Part = (value) =>
  value === undefined ? null : { Allows: typeof value === 'boolean' ? value : true, Schema: one(value) }

const parts: readonly (readonly [string, keyof JSONSchemaProps, Part])[] = [
  ['ID', 'id', text],
  ['Schema', '$schema', text],
  ['Ref', '$ref', optional],
  ['Description', 'description', text],
  ['Type', 'type', text],
  ['Nullable', 'nullable', flag],
  ['Format', 'format', text],
  ['Title', 'title', text],
  ['Default', 'default', optional],
  ['Maximum', 'maximum', optional],
  ['ExclusiveMaximum', 'exclusiveMaximum', flag],
  ['Minimum', 'minimum', optional],
  ['ExclusiveMinimum', 'exclusiveMinimum', flag],
  ['MaxLength', 'maxLength', optional],
  ['MinLength', 'minLength', optional],
  ['Pattern', 'pattern', text],
  ['MaxItems', 'maxItems', optional],
  ['MinItems', 'minItems', optional],
  ['UniqueItems', 'uniqueItems', flag],
  ['MultipleOf', 'multipleOf', optional],
  ['Enum', 'enum', optional],
  ['MaxProperties', 'maxProperties', optional],
  ['MinProperties', 'minProperties', optional],
  ['Required', 'required', optional],
  ['Items', 'items', orList],
  ['AllOf', 'allOf', list],
  ['OneOf', 'oneOf', list],
  ['AnyOf', 'anyOf', list],
  ['Not', 'not', one],
  ['Properties', 'properties', byName],
  ['AdditionalProperties', 'additionalProperties', orFlag],
  ['PatternProperties', 'patternProperties', byName],
  ['Dependencies', 'dependencies', optional],
  ['AdditionalItems', 'additionalItems', orFlag],
  ['Definitions', 'definitions', byName],
  ['ExternalDocs', 'externalDocs', optional],
  ['Example', 'example', optional],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', optional],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', flag],
  ['XIntOrString', 'x-kubernetes-int-or-string', flag],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', optional],
  ['XListType', 'x-kubernetes-list-type', optional],
  ['XMapType', 'x-kubernetes-map-type', optional],
  ['XValidations', 'x-kubernetes-validations', optional],
]

export function shownSchema(schema: JSONSchemaProps): unknown {
  return Object.fromEntries(parts.map(([shown, name, part]) => [shown, part(schema[name])]))
}

/** `shared`: what stands at the top of the original's form, because all versions have it alike. */
export function shownVersion(
  version: CustomResourceDefinitionVersion,
  shared: Readonly<Record<'schema' | 'subresources' | 'columns' | 'selectable', boolean>>,
): unknown {
  const { name, served, storage, deprecated = false, deprecationWarning = null } = version
  const props = version.schema?.openAPIV3Schema
  return {
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated,
    DeprecationWarning: deprecationWarning,
    Schema: shared.schema || props === undefined ? null : { OpenAPIV3Schema: shownSchema(props) },
    Subresources: shared.subresources ? null : (version.subresources ?? null),
    AdditionalPrinterColumns: shared.columns ? null : (version.additionalPrinterColumns ?? null),
    SelectableFields: shared.selectable ? null : (version.selectableFields ?? null),
  }
}
