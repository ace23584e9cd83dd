import type { KeyToPath, ProjectedVolumeSource, VolumeProjection } from '../kinds.generated.ts'
import { child, type Errors, forbidden, index, invalid, required } from './field-error.ts'
import { validateVolumePath } from './paths.ts'
import { requireText, validateDownwardFile, validateFileMode, validateKeyToPath } from './volume-files.ts'

/** Several sources in one folder: no two may write the same path. */
export function validateProjected(field: string, projected: ProjectedVolumeSource | undefined): Errors {
  const paths = new Set<string>()
  return [
    ...validateFileMode(child(field, 'defaultMode'), projected?.defaultMode),
    ...(projected?.sources ?? []).flatMap((source, at) =>
      validateProjection(field, index(child(field, 'sources'), at), source, paths),
    ),
  ]
}

function validateProjection(field: string, path: string, source: VolumeProjection, paths: Set<string>): Errors {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source
  const sources = [secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate]
  const count = sources.filter((each) => each !== undefined).length
  return [
    ...(secret === undefined ? [] : validateItems(field, child(path, 'secret'), secret.name, secret.items, paths)),
    ...(configMap === undefined
      ? []
      : validateItems(field, child(path, 'configMap'), configMap.name, configMap.items, paths)),
    ...(downwardAPI?.items ?? []).flatMap((file) => [
      ...validateDownwardFile(child(path, 'downwardAPI'), file),
      ...takePath(field, file.path, file.path, paths),
    ]),
    ...(serviceAccountToken === undefined
      ? []
      : validateToken(field, child(path, 'serviceAccountToken'), serviceAccountToken)),
    ...(count > 1 ? [forbidden(path, 'may not specify more than 1 volume type per source')] : []),
  ]
}

function validateItems(
  field: string,
  path: string,
  name = '',
  items: readonly KeyToPath[] = [],
  paths: Set<string>,
): Errors {
  return [
    ...requireText(child(path, 'name'), name),
    ...items.flatMap((item, at) => [
      ...validateKeyToPath(index(child(path, 'items'), at), item),
      ...takePath(field, item.path, name, paths),
    ]),
  ]
}

function takePath(field: string, path = '', shown: string, paths: Set<string>): Errors {
  if (path === '') return []
  if (paths.has(path)) return [invalid(field, shown, 'conflicting duplicate paths')]
  paths.add(path)
  return []
}

function validateToken(
  field: string,
  path: string,
  token: NonNullable<VolumeProjection['serviceAccountToken']>,
): Errors {
  const { expirationSeconds = 3600, path: file = '' } = token
  const expiration = child(path, 'expirationSeconds')
  return [
    ...(expirationSeconds < 600
      ? [invalid(expiration, expirationSeconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(expirationSeconds > 2 ** 32
      ? [invalid(expiration, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(file === '' ? [required(child(field, 'path'))] : validateVolumePath(child(field, 'path'), file)),
  ]
}
