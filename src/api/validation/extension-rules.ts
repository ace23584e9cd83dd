import { extensionKinds as kinds } from '../extension-kinds.ts'
import * as apiService from './api-service.ts'
import { validateFlowSchema, validateFlowSchemaStatusUpdate } from './flow-schema.ts'
import { validatePriorityLevel, validatePriorityLevelStatusUpdate } from './priority-level.ts'
import { type KindRules, rulesOf } from './rules.ts'

export const extensionRules: KindRules = [
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
]
