import type { CustomResourceDefinition } from '../../kinds.generated.ts'
import { child, index, invalid } from '../field-error.ts'
import { validateStructural } from './structural.ts'

/** Why the schemas of a definition are not structural, as a condition tells it; '' where they are. */
export function structuralErrorsOf({ spec }: CustomResourceDefinition): string {
  const kept = spec.preserveUnknownFields === true ? [invalid('spec.preserveUnknownFields', true, 'must be false')] : []
  const errors = [
    ...kept,
    ...spec.versions.flatMap(({ schema }, at) =>
      schema?.openAPIV3Schema === undefined
        ? []
        : validateStructural(child(index('spec.versions', at), 'schema', 'openAPIV3Schema'), schema.openAPIV3Schema),
    ),
  ]
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))]
  return texts.length <= 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}
