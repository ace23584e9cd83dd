import type { EphemeralVolumeSource, KeyToPath, ObjectMeta, Volume } from '../kinds.generated.ts'
import { compareQuantities, zeroQuantity } from '../quantity.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  notSupported,
  oneOf,
  required,
} from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateTemplateMeta } from './object-meta.ts'
import { validateNoBacksteps } from './paths.ts'
import { validateProjected } from './projected-volume.ts'
import { parsed, validateQuantity } from './resources.ts'
import { requireText, validateDownwardFile, validateFileMode, validateKeyToPath } from './volume-files.ts'

export type Volumes = ReadonlyMap<string, Volume>

/** The good volumes by name, for those who mount them, and what is wrong with the others. `meta`: of a pod, not of a template. */
export function validateVolumes(
  field: string,
  volumes: readonly Volume[],
  meta: ObjectMeta | undefined,
): Readonly<{ volumes: Volumes; errors: Errors }> {
  const good = new Map<string, Volume>()
  const podName = meta?.name ?? ''
  const created = volumes.filter(({ ephemeral }) => ephemeral !== undefined && podName !== '')
  const claims = created.map(({ name }) => `${podName}-${name}`)
  const errors = volumes.flatMap((volume, at) => {
    const { name = '', persistentVolumeClaim } = volume
    const path = index(field, at)
    const namePath = child(path, 'name')
    const own = [
      ...validateSource(path, volume, podName, meta !== undefined),
      ...(name === '' ? [required(namePath)] : invalidEach(namePath, name, dnsLabelErrors(name))),
      ...(good.has(name) ? [duplicate(namePath, name)] : []),
    ]
    if (own.length === 0) good.set(name, volume)
    const claim = persistentVolumeClaim?.claimName ?? ''
    if (!claims.includes(claim)) return own
    const claimPath = child(path, 'persistentVolumeClaim', 'claimName')
    return [...own, invalid(claimPath, claim, 'must not reference a PVC that gets created for an ephemeral volume')]
  })
  return { volumes: good, errors }
}

type SourceRule = (field: string, volume: Volume, podName: string, isPod: boolean) => Errors

/** In the order in which kube-apiserver looks for them: the first one found counts, the others are too many. */
const sourceRules: readonly (readonly [name: keyof Volume & string, rule: SourceRule])[] = [
  ['emptyDir', (field, { emptyDir }) => validateSizeLimit(child(field, 'emptyDir', 'sizeLimit'), emptyDir?.sizeLimit)],
  ['hostPath', (field, { hostPath }) => validateHostPath(child(field, 'hostPath'), hostPath?.path, hostPath?.type)],
  ['gitRepo', () => []],
  ['gcePersistentDisk', () => []],
  ['awsElasticBlockStore', () => []],
  ['secret', (field, { secret }) => validateFiles(child(field, 'secret'), 'secretName', secret?.secretName, secret)],
  ['nfs', (field, { nfs }) => validateNfs(child(field, 'nfs'), nfs?.server, nfs?.path)],
  ['iscsi', () => []],
  ['glusterfs', () => []],
  ['flocker', () => []],
  [
    'persistentVolumeClaim',
    (field, { persistentVolumeClaim }) =>
      requireText(child(field, 'persistentVolumeClaim', 'claimName'), persistentVolumeClaim?.claimName),
  ],
  ['rbd', () => []],
  ['cinder', () => []],
  ['cephfs', () => []],
  ['quobyte', () => []],
  ['downwardAPI', (field, { downwardAPI }) => validateDownwardApi(child(field, 'downwardAPI'), downwardAPI)],
  ['fc', () => []],
  ['flexVolume', () => []],
  ['configMap', (field, { configMap }) => validateFiles(child(field, 'configMap'), 'name', configMap?.name, configMap)],
  ['azureFile', () => []],
  ['vsphereVolume', () => []],
  ['photonPersistentDisk', () => []],
  ['portworxVolume', () => []],
  ['azureDisk', () => []],
  ['storageos', () => []],
  ['projected', (field, { projected }) => validateProjected(child(field, 'projected'), projected)],
  ['scaleIO', () => []],
  ['csi', (field, { csi }) => validateCsi(child(field, 'csi'), csi)],
  ['ephemeral', (field, volume, podName) => validateEphemeral(field, volume, podName)],
  ['image', (field, { image }, _, isPod) => validateImage(child(field, 'image'), image, isPod)],
]

/** Where a field's name in an error is not the field's. */
const misspelt: Readonly<Record<string, string>> = { downwardAPI: 'downwarAPI', cephfs: 'cephFS' }

function validateSource(field: string, volume: Volume, podName: string, isPod: boolean): Errors {
  const found = sourceRules.filter(([name]) => volume[name] !== undefined)
  if (found.length === 0) return [required(field, 'must specify a volume type')]
  return found.flatMap(([name, rule], at) =>
    at === 0
      ? rule(field, volume, podName, isPod)
      : [forbidden(child(field, misspelt[name] ?? name), 'may not specify more than 1 volume type')],
  )
}

function validateSizeLimit(field: string, limit: string | undefined): Errors {
  if (limit === undefined || compareQuantities(parsed(limit), zeroQuantity) >= 0) return []
  return [forbidden(field, 'SizeLimit field must be a valid resource quantity')]
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

export function validateHostPath(field: string, path = '', type = ''): Errors {
  if (path === '') return [required(child(field, 'path'))]
  return [
    ...validateNoBacksteps(child(field, 'path'), path),
    ...(hostPathTypes.includes(type) ? [] : [notSupported(child(field, 'type'), type, hostPathTypes)]),
  ]
}

type Files = Readonly<{ defaultMode?: number; items?: readonly KeyToPath[] }> | undefined

function validateFiles(field: string, nameField: string, name: string | undefined, files: Files): Errors {
  return [
    ...requireText(child(field, nameField), name),
    ...validateFileMode(child(field, 'defaultMode'), files?.defaultMode),
    ...(files?.items ?? []).flatMap((item, at) => validateKeyToPath(index(child(field, 'items'), at), item)),
  ]
}

export function validateNfs(field: string, server = '', path = ''): Errors {
  return [
    ...requireText(child(field, 'server'), server),
    ...requireText(child(field, 'path'), path),
    ...(path.startsWith('/') ? [] : [invalid(child(field, 'path'), path, 'must be an absolute path')]),
  ]
}

function validateDownwardApi(field: string, source: Volume['downwardAPI']): Errors {
  return [
    ...validateFileMode(child(field, 'defaultMode'), source?.defaultMode),
    ...(source?.items ?? []).flatMap((file) => validateDownwardFile(field, file)),
  ]
}

function validateCsi(field: string, csi: Volume['csi']): Errors {
  const driver = csi?.driver ?? ''
  const secret = csi?.nodePublishSecretRef
  const secretName = secret?.name ?? ''
  return [
    ...requireText(child(field, 'driver'), driver),
    ...(driver === '' ? [] : invalidEach(child(field, 'driver'), driver, dnsSubdomainErrors(driver.toLowerCase()))),
    ...(secret === undefined ? [] : requireText(child(field, 'nodePublishSecretRef', 'name'), secretName)),
    ...(secretName === '' ? [] : invalidEach(child(field, 'name'), secretName, dnsSubdomainErrors(secretName))),
  ]
}

function validateEphemeral(field: string, { name = '', ephemeral }: Volume, podName: string): Errors {
  const claim = `${podName}-${name}`
  const messages = podName === '' || name === '' ? [] : dnsSubdomainErrors(claim)
  return [
    ...validateClaimTemplate(child(field, 'ephemeral', 'volumeClaimTemplate'), ephemeral?.volumeClaimTemplate),
    ...messages.map((message) => invalid(child(field, 'name'), name, `PVC name "${claim}": ${message}`)),
  ]
}

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

function validateClaimTemplate(field: string, template: EphemeralVolumeSource['volumeClaimTemplate']): Errors {
  if (template === undefined) return [required(field)]
  const spec = child(field, 'spec')
  const { accessModes: modes = [], selector, resources, storageClassName = '', volumeMode } = template.spec ?? {}
  const storage = resources?.requests?.storage
  const storagePath = `${child(spec, 'resources')}[storage]`
  return [
    ...validateTemplateMeta(child(field, 'metadata'), template.metadata ?? {}),
    ...(modes.length === 0 ? [required(child(spec, 'accessModes'), 'at least 1 access mode is required')] : []),
    ...validateLabelSelector(child(spec, 'selector'), selector),
    ...modes.flatMap((mode) => oneOf(child(spec, 'accessModes'), mode, accessModes)),
    ...(modes.includes('ReadWriteOncePod') && modes.length > 1
      ? [forbidden(child(spec, 'accessModes'), 'may not use ReadWriteOncePod with other access modes')]
      : []),
    ...(storage === undefined ? [required(storagePath)] : validateStorage(storagePath, storage)),
    ...(storageClassName === ''
      ? []
      : invalidEach(child(spec, 'storageClassName'), storageClassName, dnsSubdomainErrors(storageClassName))),
    ...(volumeMode === undefined ? [] : oneOf(child(spec, 'volumeMode'), volumeMode, ['Block', 'Filesystem'])),
  ]
}

function validateStorage(field: string, storage: string): Errors {
  if (compareQuantities(parsed(storage), zeroQuantity) > 0) return validateQuantity(field, 'storage', storage)
  return [invalid(field, storage, 'must be greater than zero')]
}

function validateImage(field: string, image: Volume['image'], isPod: boolean): Errors {
  return [
    ...(isPod ? requireText(child(field, 'reference'), image?.reference) : []),
    ...oneOf(child(field, 'pullPolicy'), image?.pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ]
}
