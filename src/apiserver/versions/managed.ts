import type { OtherVersions } from '../../api/apply/other-versions.ts'
import type { JsonObject } from '../../api/json-value.ts'
import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Schema } from '../../api/schema.ts'
import { judgedKind } from '../../api/versioning.ts'
import type { WriteParts } from '../handle/writing.ts'
import { strategyOf } from '../strategy/strategy.ts'

/** The types by which the fields of a kind have managers. */
export function schemaOf(parts: Pick<WriteParts, 'schema'>, { custom }: Kind): Schema {
  return custom?.schema ?? parts.schema
}

/** The other served versions of what is stored, for the managers who used those. */
export function otherVersions(parts: Pick<WriteParts, 'schema' | 'versionsOf'>, kind: Kind): OtherVersions {
  return (apiVersion) => {
    const other = parts.versionsOf(kind).find((one) => apiVersionOf(one) === apiVersion)
    if (other === undefined || other === kind) return undefined
    return {
      kind: other,
      schema: schemaOf(parts, other),
      convert: (object) => between(kind, other, object),
      back: (object) => between(other, kind, object),
    }
  }
}

/**
 * The object as its fields are looked at for their managers: kube-apiserver has turned it into its internal form and back by then, which
 * fills in what a version derives from others.
 */
export function trackedForm(kind: Kind, object: ApiObject): ApiObject {
  const { asTracked } = strategyOf(kind)
  if (asTracked !== undefined) return asTracked(object)
  return judgedKind(kind) === kind ? object : (between(kind, kind, object) as ApiObject)
}

/** What a webhook converts is taken for the same in all versions: a write waits for it once, not once for each manager. */
function between(from: Kind, to: Kind, object: JsonObject): JsonObject {
  if (from.versioning?.waits === true) return object
  const stored = converted(from.versioning?.toStored([object as ApiObject]), object)
  return converted(to.versioning?.fromStored([stored as ApiObject]), stored)
}

function converted(
  conversion: ReturnType<NonNullable<Kind['versioning']>['toStored']> | undefined,
  object: JsonObject,
) {
  if (conversion === undefined || conversion instanceof Promise || !conversion.ok) return object
  return conversion.value[0] ?? object
}
