import { resourceKinds as kinds } from '../resource-kinds.ts'
import * as claim from './device-claim.ts'
import { validateResourceSlice, validateResourceSliceUpdate } from './resource-slice.ts'
import { type KindRules, rulesOf } from './rules.ts'

export const resourceRules: KindRules = [
  [kinds.deviceClasses, rulesOf(kinds.deviceClasses, claim.validateDeviceClass, claim.validateDeviceClassUpdate)],
  [kinds.resourceClaims, rulesOf(kinds.resourceClaims, claim.validateResourceClaim, claim.validateResourceClaimUpdate)],
  [
    kinds.resourceClaimTemplates,
    rulesOf(
      kinds.resourceClaimTemplates,
      claim.validateResourceClaimTemplate,
      claim.validateResourceClaimTemplateUpdate,
    ),
  ],
  [kinds.resourceSlices, rulesOf(kinds.resourceSlices, validateResourceSlice, validateResourceSliceUpdate)],
]
