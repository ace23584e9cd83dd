import type {
  NodeSelectorRequirement,
  PersistentVolume,
  PersistentVolumeSpec,
  SecretReference,
} from '../kinds.generated.ts'
import { compareQuantities, formatQuantity, zeroQuantity } from '../quantity.ts'
import { validateNodeSelector } from './affinity.ts'
import { validateCsiDriverName } from './csi.ts'
import {
  child,
  type Errors,
  entriesOf,
  forbidden,
  immutable,
  invalid,
  invalidEach,
  isUnset,
  keyed,
  notSupported,
  required,
  sameValue,
} from './field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateNoBacksteps } from './paths.ts'
import { validateAccessModes, validateBasic, volumeModes } from './persistent-volume-claim.ts'
import { validateVersion } from './resource-quota.ts'
import { parsed } from './resources.ts'
import { unifiedDiff } from './unified-diff.ts'
import { validateHostPath, validateNfs } from './volumes.ts'

type Spec = PersistentVolumeSpec

const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

export function validateVolume({ metadata = {}, spec = {} }: PersistentVolume): Errors {
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateVolumeSpec('spec', spec, false),
    ...validateMountOptions(metadata.annotations ?? {}, spec),
  ]
}

/** `isInline`: within a VolumeAttachment, where less may be said of a volume. */
export function validateVolumeSpec(field: string, spec: Spec, isInline: boolean): Errors {
  const { accessModes = [], persistentVolumeReclaimPolicy: policy = '', storageClassName = '', volumeMode } = spec
  const policyPath = child(field, 'persistentVolumeReclaimPolicy')
  const modesPath = child(field, 'accessModes')
  return [
    ...(isInline ? validateNothingElse(field, spec) : []),
    ...(accessModes.length === 0 ? [required(modesPath)] : []),
    ...validateAccessModes(modesPath, accessModes),
    ...(isInline
      ? validateInlineParts(field, spec)
      : [
          ...validateCapacity(child(field, 'capacity'), spec.capacity ?? {}),
          ...(policy === '' || reclaimPolicies.includes(policy)
            ? []
            : [notSupported(policyPath, policy, reclaimPolicies)]),
          ...validateNodeAffinity(child(field, 'nodeAffinity'), spec.nodeAffinity),
        ]),
    ...validateSource(field, spec),
    ...(policy === 'Recycle' && isRoot(spec.hostPath?.path)
      ? [forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(storageClassName === ''
      ? []
      : invalidEach(child(field, 'storageClassName'), storageClassName, dnsSubdomainErrors(storageClassName))),
    ...(volumeMode === undefined || volumeModes.includes(volumeMode)
      ? []
      : [notSupported(child(field, 'volumeMode'), volumeMode, volumeModes)]),
    ...validateAttributesClass(child(field, 'volumeAttributesClassName'), spec),
  ]
}

const inline = 'in the context of inline volumes'

function validateNothingElse(field: string, { claimRef, capacity, csi }: Spec): Errors {
  const hasCapacity = Object.keys(capacity ?? {}).length > 0
  return [
    ...(isUnset(claimRef) ? [] : [forbidden(child(field, 'claimRef'), `may not be specified ${inline}`)]),
    ...(hasCapacity ? [forbidden(child(field, 'capacity'), `may not be specified ${inline}`)] : []),
    ...(isUnset(csi) ? [required(child(field, 'csi'), `has to be specified ${inline}`)] : []),
  ]
}

function validateInlineParts(
  field: string,
  { persistentVolumeReclaimPolicy: policy = '', nodeAffinity }: Spec,
): Errors {
  return [
    ...(policy === '' || policy === 'Retain'
      ? []
      : [forbidden(child(field, 'persistentVolumeReclaimPolicy'), `may only be Retain ${inline}`)]),
    ...(isUnset(nodeAffinity) ? [] : [forbidden(child(field, 'nodeAffinity'), `may not be specified ${inline}`)]),
  ]
}

function isRoot(path: string | undefined): boolean {
  return path !== undefined && path !== '' && path.split('/').every((part) => part === '' || part === '.')
}

function validateCapacity(field: string, capacity: Readonly<Record<string, string>>): Errors {
  const size = Object.keys(capacity).length
  return [
    ...(size === 0 ? [required(field)] : []),
    ...(capacity.storage === undefined || size > 1
      ? [notSupported(field, size === 0 ? null : Object.fromEntries(entriesOf(capacity)), ['storage'])]
      : []),
    ...entriesOf(capacity).flatMap(([name, text]) => {
      const amount = parsed(text)
      return [
        ...validateBasic(keyed(field, name), text),
        ...(compareQuantities(amount, zeroQuantity) <= 0
          ? [invalid(keyed(field, name), formatQuantity(amount), 'must be greater than zero')]
          : []),
      ]
    }),
  ]
}

function validateNodeAffinity(field: string, affinity: Spec['nodeAffinity']): Errors {
  if (affinity === undefined) return []
  const path = child(field, 'required')
  return affinity.required === undefined
    ? [required(path, 'must specify required node constraints')]
    : validateNodeSelector(path, affinity.required)
}

type SourceRule = (field: string, spec: Spec) => Errors

/** Those whose drivers are gone from Kubernetes are taken as they come. */
const anything: SourceRule = () => []

/** In the order in which kube-apiserver looks for them: the first one found counts, the others are too many. */
const sources: readonly (readonly [name: keyof Spec & string, rule: SourceRule])[] = [
  ['hostPath', (field, { hostPath }) => validateHostPath(field, hostPath?.path, hostPath?.type)],
  ['gcePersistentDisk', anything],
  ['awsElasticBlockStore', anything],
  ['glusterfs', anything],
  ['flocker', anything],
  ['nfs', (field, { nfs }) => validateNfs(field, nfs?.server, nfs?.path)],
  ['rbd', anything],
  ['quobyte', anything],
  ['cephfs', anything],
  ['iscsi', anything],
  ['cinder', anything],
  ['fc', anything],
  ['flexVolume', anything],
  ['azureFile', anything],
  ['vsphereVolume', anything],
  ['photonPersistentDisk', anything],
  ['portworxVolume', anything],
  ['azureDisk', anything],
  ['scaleIO', anything],
  ['local', validateLocal],
  ['storageos', anything],
  ['csi', validateCsi],
]

/** Where a field's name in an error is not the field's. */
const misspelt: Readonly<Record<string, string>> = { cephfs: 'cephFS' }

function validateSource(field: string, spec: Spec): Errors {
  const found = sources.filter(([name]) => spec[name] !== undefined)
  if (found.length === 0) return [required(field, 'must specify a volume type')]
  return found.flatMap(([name, rule], at) =>
    at === 0
      ? rule(child(field, name), spec)
      : [forbidden(child(field, misspelt[name] ?? name), 'may not specify more than 1 volume type')],
  )
}

function validateLocal(field: string, { local, nodeAffinity }: Spec): Errors {
  const { path = '' } = local ?? {}
  const pathField = child(field, 'path')
  return [
    ...(path === '' ? [required(pathField)] : validateNoBacksteps(pathField, path)),
    ...(nodeAffinity === undefined
      ? [required(field.replace(/local$/, 'nodeAffinity'), 'Local volume requires node affinity')]
      : []),
  ]
}

const secretRefs = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(field: string, { csi }: Spec): Errors {
  return [
    ...validateCsiDriverName(child(field, 'driver'), csi?.driver ?? ''),
    ...((csi?.volumeHandle ?? '') === '' ? [required(child(field, 'volumeHandle'))] : []),
    ...secretRefs.flatMap((name) => {
      const ref = csi?.[name]
      return ref === undefined ? [] : validateSecretRef(child(field, name), ref)
    }),
  ]
}

function validateSecretRef(field: string, { name = '', namespace = '' }: SecretReference): Errors {
  const [namePath, namespacePath] = [child(field, 'name'), child(field, 'namespace')]
  return [
    ...(name === '' ? [required(namePath)] : invalidEach(namePath, name, dnsSubdomainErrors(name))),
    ...(namespace === ''
      ? [required(namespacePath)]
      : invalidEach(namespacePath, namespace, dnsLabelErrors(namespace))),
  ]
}

function validateAttributesClass(field: string, { volumeAttributesClassName: name, csi }: Spec): Errors {
  if (name === undefined) return []
  return [
    ...(name === ''
      ? [required(field, 'an empty string is disallowed')]
      : invalidEach(field, name, dnsSubdomainErrors(name))),
    ...(csi === undefined ? [required('spec.csi', 'has to be specified when using volumeAttributesClassName')] : []),
  ]
}

const mountable = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
].concat('cephfs', 'azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk') as readonly (keyof Spec)[]
const mountAnnotation = 'volume.beta.kubernetes.io/mount-options'

function validateMountOptions(annotations: Readonly<Record<string, string>>, spec: Spec): Errors {
  if (annotations[mountAnnotation] === undefined || mountable.some((name) => spec[name] !== undefined)) return []
  return [
    forbidden(child('metadata.annotations', mountAnnotation), 'may not specify mount options for this volume type'),
  ]
}

export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): Errors {
  const { spec = {} } = volume
  const before = old.spec ?? {}
  const [name, oldName] = [spec.volumeAttributesClassName, before.volumeAttributesClassName]
  const [source, oldSource] = [sourceOf(spec, before), sourceOf(before, before)]
  const changes = unifiedDiff(JSON.stringify(oldSource, null, 1), JSON.stringify(source, null, 1))
  return [
    ...validateVolume(volume),
    ...validateNewMeta(volume.metadata ?? {}, false, dnsSubdomainErrors),
    ...validateVolumeSpec('spec', spec, false),
    ...(sameValue(source, oldSource)
      ? []
      : [
          forbidden(
            'spec.persistentvolumesource',
            `spec.persistentvolumesource is immutable after creation\n${changes}`,
          ),
        ]),
    ...immutable('volumeMode', spec.volumeMode, before.volumeMode),
    ...(before.nodeAffinity === undefined || sameValue(spec.nodeAffinity, before.nodeAffinity)
      ? []
      : [invalid('nodeAffinity', asGoAffinity(spec.nodeAffinity), fixedAffinity)]),
    ...(oldName !== undefined && name === undefined
      ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
      : []),
  ]
}

const fixedAffinity = 'field is immutable, except for updating from beta label to GA'

/** As the original's internal type is shown. */
function asGoAffinity(affinity: Spec['nodeAffinity']): unknown {
  const requirements = (list: readonly NodeSelectorRequirement[] | undefined): unknown =>
    list?.map(({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null })) ?? null
  const terms = affinity?.required?.nodeSelectorTerms.map(({ matchExpressions, matchFields }) => ({
    MatchExpressions: requirements(matchExpressions),
    MatchFields: requirements(matchFields),
  }))
  return affinity && { Required: terms === undefined ? null : { NodeSelectorTerms: terms } }
}

/** What may not change of a volume. The secret for expansion may be added. */
function sourceOf(spec: Spec, before: Spec): object {
  const source = Object.fromEntries(sources.flatMap(([name]) => (spec[name] === undefined ? [] : [[name, spec[name]]])))
  if (spec.csi === undefined || before.csi?.controllerExpandSecretRef !== undefined) return source
  const { controllerExpandSecretRef: _, ...csi } = spec.csi
  return { ...source, csi }
}

export function validateVolumeStatusUpdate({ metadata = {} }: PersistentVolume, old: PersistentVolume): Errors {
  return [...validateMetaUpdate(metadata, old.metadata ?? {}), ...validateVersion(metadata)]
}
