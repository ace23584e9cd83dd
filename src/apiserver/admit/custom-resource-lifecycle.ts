import { finalizerWarnings } from '../../api/custom/validate-custom.ts'
import { fail, ok } from '../../api/result.ts'
import type { Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

/** Nothing is made of a definition that is being deleted; finalizers that others might use, too, are warned of. */
export const customResourceLifecycle: Plugin = {
  mutate(attributes, object) {
    const { kind, operation } = attributes
    if (operation !== 'CREATE' || kind.custom?.isTerminating !== true) return ok(object)
    return fail(forbidden(attributes, 'create not allowed while custom resource definition is terminating'))
  },
  validate(attributes, object) {
    const { kind, operation, before, subresource } = attributes
    const isWritten = operation === 'CREATE' || operation === 'UPDATE'
    if (kind.custom === undefined || !isWritten || subresource !== undefined) return undefined
    for (const warning of finalizerWarnings(object, before)) attributes.warn(warning)
    return undefined
  },
}
