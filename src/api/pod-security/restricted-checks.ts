import {
  type Check,
  containersOf,
  containersWith,
  hasUserNamespace,
  isWindows,
  named,
  quoted,
  settersOf,
  sortedSet,
} from './check.ts'

export const allowPrivilegeEscalation: Check = ({ spec }) => {
  const bad = containersWith(spec, (context) => context?.allowPrivilegeEscalation !== false)
  if (bad.length === 0) return undefined
  const detail = `${named('container', bad)} must set securityContext.allowPrivilegeEscalation=false`
  return { reason: 'allowPrivilegeEscalation != false', detail }
}

/** Since 1.25. */
export const allowPrivilegeEscalationElsewhere: Check = (pod) =>
  isWindows(pod.spec) ? undefined : allowPrivilegeEscalation(pod)

export const dropCapabilities: Check = ({ spec }) => {
  const keeping = containersWith(spec, (context) => !(context?.capabilities?.drop ?? []).includes('ALL'))
  const beyond = (names: readonly string[] | undefined): readonly string[] =>
    (names ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
  const adding = containersWith(spec, (context) => beyond(context?.capabilities?.add).length > 0)
  const added = sortedSet(
    containersOf(spec).flatMap(({ securityContext }) => beyond(securityContext?.capabilities?.add)),
  )
  const details = [
    ...(keeping.length === 0
      ? []
      : [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0
      ? []
      : [`${named('container', adding)} must not include ${quoted(added)} in securityContext.capabilities.add`]),
  ]
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

/** Since 1.25. */
export const dropCapabilitiesElsewhere: Check = (pod) => (isWindows(pod.spec) ? undefined : dropCapabilities(pod))

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

const restrictedVolumes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
]

export const volumeTypes: Check = ({ spec }) => {
  const has = (volume: object, type: string): boolean =>
    (volume as Readonly<Record<string, unknown>>)[type] !== undefined
  const bad = (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((type) => has(volume, type)))
  if (bad.length === 0) return undefined
  const types = sortedSet(bad.map((volume) => restrictedVolumes.find((type) => has(volume, type)) ?? 'unknown'))
  const names = bad.map(({ name }) => name)
  const uses = bad.length === 1 ? 'uses' : 'use'
  const detail = `${named('volume', names)} ${uses} ${named('restricted volume type', types)}`
  return { reason: 'restricted volume types', detail }
}

export const runAsNonRoot: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.runAsNonRoot
  const reason = 'runAsNonRoot != true'
  const setters = settersOf(
    ofPod === false,
    containersWith(spec, (context) => context?.runAsNonRoot === false),
  )
  if (setters.length > 0) {
    return { reason, detail: `${setters.join(' and ')} must not set securityContext.runAsNonRoot=false` }
  }
  const without = ofPod === true ? [] : containersWith(spec, (context) => context?.runAsNonRoot === undefined)
  if (without.length === 0) return undefined
  return { reason, detail: `pod or ${named('container', without)} must set securityContext.runAsNonRoot=true` }
}

export const runAsUser: Check = ({ spec }) => {
  const setters = settersOf(
    spec.securityContext?.runAsUser === 0,
    containersWith(spec, (context) => context?.runAsUser === 0),
  )
  if (setters.length === 0) return undefined
  return { reason: 'runAsUser=0', detail: `${setters.join(' and ')} must not set runAsUser=0` }
}

/** Since 1.35. */
export const runAsNonRootOutsideUserNamespaces: Check = (pod) =>
  hasUserNamespace(pod.spec) ? undefined : runAsNonRoot(pod)

/** Since 1.35. */
export const runAsUserOutsideUserNamespaces: Check = (pod) => (hasUserNamespace(pod.spec) ? undefined : runAsUser(pod))
