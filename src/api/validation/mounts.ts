import type { Container, VolumeDevice, VolumeMount } from '../kinds.generated.ts'
import { child, type Errors, forbidden, index, invalid, notFound, notSupported, required } from './field-error.ts'
import { validateDescendingPath, validateNoBacksteps } from './paths.ts'
import type { Volumes } from './volumes.ts'

export function validateMounts(field: string, container: Container, volumes: Volumes): Errors {
  const { volumeMounts = [], volumeDevices = [] } = container
  const seen = new Set<string>()
  return volumeMounts.flatMap((mount, at) => {
    const { name = '', mountPath = '' } = mount
    const path = index(field, at)
    const repeated = seen.has(mountPath)
    seen.add(mountPath)
    return [
      ...(name === '' ? [required(child(path, 'name'))] : []),
      ...(volumes.has(name) ? [] : [notFound(child(path, 'name'), name)]),
      ...(mountPath === '' ? [required(child(path, 'mountPath'))] : []),
      ...(repeated ? [invalid(child(path, 'mountPath'), mountPath, 'must be unique')] : []),
      ...(volumeDevices.some((device) => device.name === name)
        ? [invalid(child(path, 'name'), name, 'must not already exist in volumeDevices')]
        : []),
      ...(volumeDevices.some((device) => device.devicePath === mountPath)
        ? [invalid(child(path, 'mountPath'), mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      ...validateSubPaths(field, path, mount),
      ...validatePropagation(child(field, 'mountPropagation'), mount, container),
      ...validateRecursiveReadOnly(child(field, 'recursiveReadOnly'), mount),
    ]
  })
}

function validateSubPaths(field: string, path: string, { subPath = '', subPathExpr = '' }: VolumeMount): Errors {
  return [
    ...(subPath === '' ? [] : validateDescendingPath(child(field, 'subPath'), subPath)),
    ...(subPath !== '' && subPathExpr !== ''
      ? [invalid(child(path, 'subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : []),
    ...(subPathExpr === '' ? [] : validateDescendingPath(child(field, 'subPathExpr'), subPathExpr)),
  ]
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']

function validatePropagation(field: string, { mountPropagation }: VolumeMount, container: Container): Errors {
  if (mountPropagation === undefined) return []
  const privileged = container.securityContext?.privileged === true
  return [
    ...(propagations.includes(mountPropagation) ? [] : [notSupported(field, mountPropagation, propagations)]),
    ...(mountPropagation === 'Bidirectional' && !privileged
      ? [forbidden(field, 'Bidirectional mount propagation is available only to privileged containers')]
      : []),
  ]
}

const recursions = ['Disabled', 'Enabled', 'IfPossible']

function validateRecursiveReadOnly(field: string, mount: VolumeMount): Errors {
  const { recursiveReadOnly, readOnly, mountPropagation = 'None' } = mount
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return []
  if (!recursions.includes(recursiveReadOnly)) return [notSupported(field, recursiveReadOnly, recursions)]
  return [
    ...(readOnly === true ? [] : [forbidden(field, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === 'None'
      ? []
      : [forbidden(field, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

export function validateDevices(field: string, container: Container, volumes: Volumes): Errors {
  const { volumeMounts = [], volumeDevices = [] } = container
  const names = new Set<string>()
  const paths = new Set<string>()
  return volumeDevices.flatMap((device: VolumeDevice, at) => {
    const { name = '', devicePath = '' } = device
    const namePath = child(index(field, at), 'name')
    const pathPath = child(index(field, at), 'devicePath')
    const volume = volumes.get(name)
    const isBlock = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined
    const [nameTaken, pathTaken] = [names.has(name), paths.has(devicePath)]
    const backsteps = devicePath !== '' && validateNoBacksteps('', devicePath).length > 0
    if (name !== '') names.add(name)
    if (!backsteps) paths.add(devicePath)
    return [
      ...(name === '' ? [required(namePath)] : []),
      ...(nameTaken ? [invalid(namePath, name, 'must be unique')] : []),
      ...(volume !== undefined && !isBlock
        ? [
            invalid(
              namePath,
              name,
              'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
            ),
          ]
        : []),
      ...(volume === undefined ? [notFound(namePath, name)] : []),
      ...(devicePath === '' ? [required(pathPath)] : []),
      ...(pathTaken ? [invalid(pathPath, devicePath, 'must be unique')] : []),
      ...(backsteps ? [invalid(pathPath, devicePath, "can not contain backsteps ('..')")] : []),
      ...(volumeMounts.some((mount) => mount.name === name)
        ? [invalid(namePath, name, 'must not already exist in volumeMounts')]
        : []),
      ...(volumeMounts.some((mount) => mount.mountPath === devicePath)
        ? [invalid(pathPath, devicePath, 'must not already exist as a path in volumeMounts')]
        : []),
    ]
  })
}
