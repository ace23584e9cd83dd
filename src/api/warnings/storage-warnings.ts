import { equalJson } from '../json-value.ts'
import type { CSIDriver, CSIStorageCapacity, ResourceSlice, StorageClass } from '../kinds.generated.ts'
import { child, entriesOf, index } from '../validation/field-error.ts'
import { deprecatedLabel, type Warnings } from './field-warnings.ts'

export function storageClassWarnings({ allowedTopologies = [] }: StorageClass): Warnings {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, at) =>
    matchLabelExpressions.flatMap(({ key }, place) => {
      const message = deprecatedLabel(key)
      const field = index(child(index('allowedTopologies', at), 'matchLabelExpressions'), place)
      return message === undefined ? [] : [`${child(field, 'key')}: ${message}`]
    }),
  )
}

export function capacityWarnings({ nodeTopology }: CSIStorageCapacity): Warnings {
  return [
    ...(nodeTopology?.matchExpressions ?? []).flatMap(({ key }, at) => {
      const message = deprecatedLabel(key)
      const field = index('nodeTopology.matchExpressions', at)
      return message === undefined ? [] : [`${child(field, 'key')}: ${key} is ${message}`]
    }),
    ...entriesOf(nodeTopology?.matchLabels).flatMap(([key]) => {
      const message = deprecatedLabel(key)
      return message === undefined ? [] : [`${child('nodeTopology.matchLabels', key)}: ${message}`]
    }),
  ]
}

/** Of a new driver, or of one whose tokens have changed. */
export function csiDriverWarnings({ spec }: CSIDriver, before?: CSIDriver): Warnings {
  const { tokenRequests = [], serviceAccountTokenInSecrets } = spec
  const isChanged = !equalJson(tokenRequests, before?.spec.tokenRequests ?? [])
  const isOpen = isChanged && tokenRequests.length > 0 && serviceAccountTokenInSecrets === undefined
  const advice =
    'if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'
  return isOpen ? [`spec.serviceAccountTokenInSecrets is unset; ${advice}`] : []
}

export function driverNameWarnings({ spec: { driver } }: ResourceSlice): Warnings {
  if (driver === driver.toLowerCase()) return []
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`]
}
