import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../kinds.generated.ts'
import { validateCsiDriverName } from './csi.ts'
import {
  child,
  type Errors,
  forbidden,
  immutable,
  invalid,
  invalidEach,
  isUnset,
  required,
  tooLong,
} from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'
import { utf8Bytes, validateNewMeta } from './object-meta.ts'
import { validateVolumeSpec } from './persistent-volume.ts'

const mostMetadataBytes = 256 * 1024
const mostMessageBytes = 1024
const oneSource = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

export function validateVolumeAttachment({ metadata = {}, spec, status }: VolumeAttachment): Errors {
  const { attacher = '', nodeName = '', source = {} } = spec ?? {}
  const { persistentVolumeName: volume } = source
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateCsiDriverName('spec.attacher', attacher),
    ...validateSource('spec.source', source),
    ...invalidEach('spec.nodeName', nodeName, dnsSubdomainErrors(nodeName)),
    ...validateAttachmentMetadata(status?.attachmentMetadata ?? {}),
    ...validateVolumeError('status.attachError', status?.attachError),
    ...validateVolumeError('status.detachError', status?.detachError),
    ...(isUnset(volume) ? [] : invalidEach('spec.source.persistentVolumeName', volume, dnsSubdomainErrors(volume))),
  ]
}

function validateSource(field: string, { inlineVolumeSpec, persistentVolumeName }: VolumeAttachmentSource): Errors {
  if (isUnset(inlineVolumeSpec) && isUnset(persistentVolumeName)) return [required(field, oneSource)]
  if (!isUnset(inlineVolumeSpec) && !isUnset(persistentVolumeName)) return [forbidden(field, oneSource)]
  if (!isUnset(inlineVolumeSpec)) return validateVolumeSpec(child(field, 'inlineVolumeSpec'), inlineVolumeSpec, true)
  if (persistentVolumeName !== '') return []
  return [required(child(field, 'persistentVolumeName'), 'must specify non empty persistentVolumeName')]
}

function validateAttachmentMetadata(metadata: Readonly<Record<string, string>>): Errors {
  const sizeBytes = Object.entries(metadata).reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(value), 0)
  return sizeBytes > mostMetadataBytes ? [tooLong('status.attachmentMetadata', mostMetadataBytes)] : []
}

function validateVolumeError(field: string, error: VolumeError | undefined): Errors {
  const { message = '', errorCode = 0 } = error ?? {}
  return [
    // The original names the wrong limit.
    ...(utf8Bytes(message) > mostMessageBytes ? [tooLong(child(field, 'message'), mostMetadataBytes)] : []),
    ...(errorCode < 0
      ? [invalid(child(field, 'errorCode'), errorCode, 'must be between 0 and 2147483647, inclusive')]
      : []),
  ]
}

export function validateVolumeAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): Errors {
  return [...validateVolumeAttachment(attachment), ...immutable('spec', asGoSpec(attachment), asGoSpec(old))]
}

/** As the original's internal type is shown. */
function asGoSpec({ spec }: VolumeAttachment): object {
  const { persistentVolumeName = null, inlineVolumeSpec = null } = spec?.source ?? {}
  return {
    Attacher: spec?.attacher ?? '',
    Source: { PersistentVolumeName: persistentVolumeName, InlineVolumeSpec: inlineVolumeSpec },
    NodeName: spec?.nodeName ?? '',
  }
}
