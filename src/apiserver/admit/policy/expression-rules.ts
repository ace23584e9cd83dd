import type {
  MutatingAdmissionPolicy,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from '../../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../../api/kinds.ts'
import type { ApiObject } from '../../../api/object.ts'
import { child, type Errors, index } from '../../../api/validation/field-error.ts'
import {
  conditionErrors,
  mutatingPolicyErrors,
  validatingPolicyErrors,
} from '../../../cel/policies/expression-errors.ts'

/** What is wrong with the expressions that an object brings along. */
export function expressionErrors({ typeName }: Kind, object: ApiObject): Errors {
  switch (typeName) {
    case kinds.validatingAdmissionPolicies.typeName:
      return validatingPolicyErrors(object as unknown as ValidatingAdmissionPolicy)
    case kinds.mutatingAdmissionPolicies.typeName:
      return mutatingPolicyErrors(object as unknown as MutatingAdmissionPolicy)
    case kinds.validatingWebhookConfigurations.typeName:
    case kinds.mutatingWebhookConfigurations.typeName:
      return webhookErrors(object as unknown as ValidatingWebhookConfiguration)
    default:
      return []
  }
}

function webhookErrors({ webhooks = [] }: ValidatingWebhookConfiguration): Errors {
  return webhooks.flatMap(({ matchConditions = [] }, at) =>
    conditionErrors(child(index('webhooks', at), 'matchConditions'), matchConditions, false),
  )
}
