import { storageKinds as kinds } from '../storage-kinds.ts'
import * as csi from './csi.ts'
import { type KindRules, rulesOf } from './rules.ts'
import * as storageClass from './storage-class.ts'
import { validateVolumeAttachment, validateVolumeAttachmentUpdate } from './volume-attachment.ts'

export const storageRules: KindRules = [
  [
    kinds.storageClasses,
    rulesOf(kinds.storageClasses, storageClass.validateStorageClass, storageClass.validateStorageClassUpdate),
  ],
  [
    kinds.volumeAttributesClasses,
    rulesOf(
      kinds.volumeAttributesClasses,
      storageClass.validateVolumeAttributesClass,
      storageClass.validateVolumeAttributesClassUpdate,
    ),
  ],
  [
    kinds.csiStorageCapacities,
    rulesOf(
      kinds.csiStorageCapacities,
      storageClass.validateStorageCapacity,
      storageClass.validateStorageCapacityUpdate,
    ),
  ],
  [kinds.csiDrivers, rulesOf(kinds.csiDrivers, csi.validateCsiDriver, csi.validateCsiDriverUpdate)],
  [kinds.csiNodes, rulesOf(kinds.csiNodes, csi.validateCsiNode, csi.validateCsiNodeUpdate)],
  [
    kinds.volumeAttachments,
    rulesOf(kinds.volumeAttachments, validateVolumeAttachment, validateVolumeAttachmentUpdate, {
      status: validateVolumeAttachmentUpdate,
    }),
  ],
]
