import type { CSIStorageCapacity, Node, PersistentVolumeClaim, StorageClass } from '../api/kinds.generated.ts'
import { matchesLabels, selectorFromObject } from '../api/label-selector.ts'
import type { Stored } from '../api/object.ts'
import { compareQuantities, quantity } from '../api/quantity.ts'
import type { VolumeView } from './volume-binding.ts'

/**
 * Whether the driver has room for the claim's volume where the node can reach it. Drivers that do not want to be asked
 * (CSIDriver.spec.storageCapacity) always have (kube-scheduler's VolumeBinding, hasEnoughCapacity).
 */
export function hasCapacity(
  { spec }: Stored<PersistentVolumeClaim>,
  { metadata, provisioner }: Stored<StorageClass>,
  node: Node,
  view: VolumeView,
): boolean {
  const size = spec.resources?.requests?.storage
  if (size === undefined || view.csiDriver(provisioner)?.spec.storageCapacity !== true) return true
  return view
    .capacities()
    .some(
      (capacity) =>
        capacity.storageClassName === metadata.name && isRoomFor(capacity, size) && isReachable(capacity, node),
    )
}

/** The largest volume counts where the driver tells it: what is free may lie in pieces. */
function isRoomFor({ capacity, maximumVolumeSize = capacity }: CSIStorageCapacity, size: string): boolean {
  return maximumVolumeSize !== undefined && compareQuantities(quantity(maximumVolumeSize), quantity(size)) >= 0
}

/** Without a topology it is to be had from nowhere; with an empty one from everywhere. */
function isReachable({ nodeTopology }: CSIStorageCapacity, { metadata }: Node): boolean {
  if (nodeTopology === undefined) return false
  const selector = selectorFromObject(nodeTopology)
  return selector.ok && matchesLabels(selector.value, metadata?.labels ?? {})
}
