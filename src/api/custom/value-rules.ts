/** What a schema asks of values, made ready for checking: kube-openapi's spec.Schema with what CustomResourceDefinitions allow of it. */
import { isJsonObject } from '../json-value.ts'
import type { JSONSchemaProps } from '../kinds.generated.ts'
import { compileRegexp, type Regexp } from '../regexp/regexp.ts'
import { isKnownFormat, stringFormat } from './formats.ts'

export type ValueRules = Readonly<{
  /** None: any. */
  types: readonly string[]
  nullable: boolean
  /** '' where there is none, or none that is known for the type. */
  format: string
  hasFormat: ((text: string) => boolean) | undefined
  enumeration: readonly unknown[]
  maximum: number | undefined
  exclusiveMaximum: boolean
  minimum: number | undefined
  exclusiveMinimum: boolean
  multipleOf: number | undefined
  maxLength: number | undefined
  minLength: number | undefined
  pattern: string
  /** An error's text where the pattern is none. */
  matcher: Regexp | string | undefined
  maxItems: number | undefined
  minItems: number | undefined
  uniqueItems: boolean
  items: ValueRules | undefined
  maxProperties: number | undefined
  minProperties: number | undefined
  required: readonly string[]
  properties: ReadonlyMap<string, ValueRules>
  /** false: none may be there. true, too, where nothing is said. */
  additional: ValueRules | boolean
  allOf: readonly ValueRules[]
  anyOf: readonly ValueRules[]
  oneOf: readonly ValueRules[]
  not: ValueRules | undefined
  listType: string
  mapKeys: readonly string[]
}>

export function valueRules(props: JSONSchemaProps): ValueRules {
  const { type = '', format = '', pattern = '', additionalProperties: additional } = props
  const usedFormat = isKnownFormat(type, format) ? format : ''
  const matched = pattern === '' ? undefined : compileRegexp(pattern)
  return {
    types: props['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : type === '' ? [] : [type],
    nullable: props.nullable === true,
    format: usedFormat,
    hasFormat: usedFormat === '' ? undefined : stringFormat(usedFormat),
    enumeration: props.enum ?? [],
    maximum: props.maximum,
    exclusiveMaximum: props.exclusiveMaximum === true,
    minimum: props.minimum,
    exclusiveMinimum: props.exclusiveMinimum === true,
    multipleOf: props.multipleOf,
    maxLength: props.maxLength,
    minLength: props.minLength,
    pattern,
    matcher: matched === undefined ? undefined : matched.ok ? matched.value : matched.error,
    maxItems: props.maxItems,
    minItems: props.minItems,
    uniqueItems: props.uniqueItems === true,
    items: isJsonObject(props.items) ? valueRules(props.items) : undefined,
    maxProperties: props.maxProperties,
    minProperties: props.minProperties,
    required: props.required ?? [],
    properties: new Map(Object.entries(props.properties ?? {}).map(([name, one]) => [name, valueRules(one)])),
    additional: isJsonObject(additional) ? valueRules(additional) : additional !== false,
    allOf: (props.allOf ?? []).map(valueRules),
    anyOf: (props.anyOf ?? []).map(valueRules),
    oneOf: (props.oneOf ?? []).map(valueRules),
    not: props.not === undefined ? undefined : valueRules(props.not),
    listType: props['x-kubernetes-list-type'] ?? '',
    mapKeys: props['x-kubernetes-list-map-keys'] ?? [],
  }
}
