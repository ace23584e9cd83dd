import { type Errors, invalid } from './field-error.ts'

export function validateNoBacksteps(field: string, path: string): Errors {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []
}

/** A path that stays within the folder it is relative to. */
export function validateDescendingPath(field: string, path: string): Errors {
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...validateNoBacksteps(field, path),
  ]
}

/** Names that begin with '..' belong to the kubelet, which swaps volumes' contents by them. */
export function validateVolumePath(field: string, path: string): Errors {
  const reserved = path.startsWith('..') && !path.startsWith('../')
  return [
    ...validateDescendingPath(field, path),
    ...(reserved ? [invalid(field, path, "must not start with '..'")] : []),
  ]
}
