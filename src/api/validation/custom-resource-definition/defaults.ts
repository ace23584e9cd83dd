import { coerceEmbedded, validateEmbedded } from '../../custom/embedded.ts'
import { prune } from '../../custom/prune.ts'
import { asRoot, type Structural, structuralOf } from '../../custom/structural.ts'
import { validateValue } from '../../custom/validate-value.ts'
import { valueRules } from '../../custom/value-rules.ts'
import { equalJson } from '../../json-value.ts'
import type { JSONSchemaProps } from '../../kinds.generated.ts'
import { child, type Errors, invalid, keyed } from '../field-error.ts'

/** Defaults are values as their schemas want them. apiextensions-apiserver/pkg/apiserver/schema/defaulting. */
export function validateDefaults(path: string, props: JSONSchemaProps): Errors {
  const schema = structuralOf(props)
  return schema.hasDefaults ? validateWithin(path, asRoot(schema), false) : []
}

const metaFields = ['metadata', 'apiVersion', 'kind']

/** Within additionalProperties of metadata there may be none, and others are not looked at. */
function validateWithin(path: string, schema: Structural, isInMeta: boolean): Errors {
  const isWithin = isInMeta && !schema.isEmbedded
  return [
    ...(schema.default === undefined ? [] : validateDefault(child(path, 'default'), schema, isWithin)),
    ...(schema.items === undefined ? [] : validateWithin(child(path, 'items'), schema.items, isWithin)),
    ...[...schema.properties]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, one]) => {
        const isMeta = isWithin || (schema.isEmbedded && metaFields.includes(name))
        return validateWithin(keyed(child(path, 'properties'), name), one, isMeta)
      }),
  ]
}

function validateDefault(path: string, schema: Structural, isInMeta: boolean): Errors {
  const value = schema.default
  const pruned = prune(value, schema)
  const unknown = isInMeta || equalJson(pruned, value) ? [] : [invalid(path, value, 'must not have unknown fields')]
  return [...unknown, ...firstOf(path, schema, value)]
}

function firstOf(path: string, schema: Structural, value: unknown): Errors {
  const coerced = coerceEmbedded(value, schema, path)
  if (!coerced.ok) return [invalid(path, value, coerced.error)]
  const embedded = validateEmbedded(path, value, schema)
  if (embedded.length > 0) return embedded
  return validateValue(valueRules(schema.props), value, path)
}
