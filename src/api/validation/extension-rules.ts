import { extensionKinds as kinds } from '../extension-kinds.ts'
import * as policies from './admission-policy.ts'
import * as apiService from './api-service.ts'
import * as csr from './certificate-signing-request.ts'
import {
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from './custom-resource-definition/definition.ts'
import { validateFlowSchema, validateFlowSchemaStatusUpdate } from './flow-schema.ts'
import { validatePriorityLevel, validatePriorityLevelStatusUpdate } from './priority-level.ts'
import { type KindRules, rulesOf } from './rules.ts'
import { validateWebhookConfiguration, validateWebhookConfigurationUpdate } from './webhook-configuration.ts'

export const extensionRules: KindRules = [
  [
    kinds.certificateSigningRequests,
    rulesOf(
      kinds.certificateSigningRequests,
      csr.validateCertificateSigningRequest,
      csr.validateCertificateSigningRequestUpdate,
      { status: csr.validateCertificateSigningRequestStatus, approval: csr.validateCertificateSigningRequestApproval },
    ),
  ],
  [
    kinds.customResourceDefinitions,
    rulesOf(kinds.customResourceDefinitions, validateDefinition, validateDefinitionUpdate, {
      status: validateDefinitionStatus,
    }),
  ],
  [
    kinds.apiServices,
    rulesOf(kinds.apiServices, apiService.validateApiService, apiService.validateApiServiceUpdate, {
      status: apiService.validateApiServiceStatusUpdate,
    }),
  ],
  [
    kinds.flowSchemas,
    rulesOf(kinds.flowSchemas, validateFlowSchema, validateFlowSchema, { status: validateFlowSchemaStatusUpdate }),
  ],
  [
    kinds.priorityLevelConfigurations,
    rulesOf(kinds.priorityLevelConfigurations, validatePriorityLevel, validatePriorityLevel, {
      status: validatePriorityLevelStatusUpdate,
    }),
  ],
  ...[kinds.mutatingWebhookConfigurations, kinds.validatingWebhookConfigurations].map(
    (kind) => [kind, rulesOf(kind, validateWebhookConfiguration, validateWebhookConfigurationUpdate)] as const,
  ),
  [
    kinds.validatingAdmissionPolicies,
    rulesOf(kinds.validatingAdmissionPolicies, policies.validateValidatingPolicy, policies.validateValidatingPolicy),
  ],
  [
    kinds.mutatingAdmissionPolicies,
    rulesOf(kinds.mutatingAdmissionPolicies, policies.validateMutatingPolicy, policies.validateMutatingPolicy),
  ],
  [
    kinds.validatingAdmissionPolicyBindings,
    rulesOf(
      kinds.validatingAdmissionPolicyBindings,
      policies.validateValidatingBinding,
      policies.validateValidatingBinding,
    ),
  ],
  [
    kinds.mutatingAdmissionPolicyBindings,
    rulesOf(kinds.mutatingAdmissionPolicyBindings, policies.validateMutatingBinding, policies.validateMutatingBinding),
  ],
]
