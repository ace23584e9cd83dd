import type { DownwardAPIVolumeFile, KeyToPath } from '../kinds.generated.ts'
import { child, type Errors, invalid, required } from './field-error.ts'
import { fileFields, validateFieldRef, validateResourceFieldRef } from './field-reference.ts'
import { validateVolumePath } from './paths.ts'

export function requireText(field: string, text: string | undefined): Errors {
  return text === undefined || text === '' ? [required(field)] : []
}

export function validateFileMode(field: string, mode: number | undefined): Errors {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

export function validateKeyToPath(field: string, { key, path = '', mode }: KeyToPath): Errors {
  return [
    ...requireText(child(field, 'key'), key),
    ...requireText(child(field, 'path'), path),
    ...validateVolumePath(child(field, 'path'), path),
    ...validateFileMode(child(field, 'mode'), mode),
  ]
}

/** kube-apiserver names the volume, not the item. */
export function validateDownwardFile(field: string, file: DownwardAPIVolumeFile): Errors {
  const { path = '', fieldRef, resourceFieldRef, mode } = file
  return [
    ...requireText(child(field, 'path'), path),
    ...validateVolumePath(child(field, 'path'), path),
    ...(fieldRef === undefined ? [] : validateFieldRef(child(field, 'fieldRef'), fieldRef, fileFields)),
    ...(fieldRef !== undefined && resourceFieldRef !== undefined
      ? [invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')]
      : []),
    ...(fieldRef === undefined && resourceFieldRef !== undefined
      ? validateResourceFieldRef(child(field, 'resourceFieldRef'), resourceFieldRef, true)
      : []),
    ...(fieldRef === undefined && resourceFieldRef === undefined
      ? [required(field, 'one of fieldRef and resourceFieldRef is required')]
      : []),
    ...validateFileMode(child(field, 'mode'), mode),
  ]
}
