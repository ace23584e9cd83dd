// Volumes and their mounts.
import type { TypeDescriptions } from './description.ts'

const mode = 'Permissions of the files that say none of their own; octal in YAML, decimal in JSON.'
const items = 'The keys to show, and where; all of them, under their own names, if left out.'
const optional = 'Whether the pod may start without it.'

export const volumeDescriptions: TypeDescriptions = {
  'core.v1.Volume': {
    '': 'A volume that containers can mount. One source; an empty directory if none is given.',
    configMap: 'The keys of a config map, as files.',
    csi: 'A volume of a driver, which lives as long as the pod.',
    downwardAPI: 'Facts about the pod, as files.',
    emptyDir: 'An empty directory, which lives as long as the pod.',
    ephemeral: 'A claim that is made and deleted together with the pod.',
    hostPath: 'A file or directory of the node.',
    image: 'The content of an image.',
    iscsi: 'An iSCSI disk.',
    name: 'The name that mounts refer to.',
    nfs: 'A directory of an NFS server.',
    persistentVolumeClaim: 'The volume that a claim is bound to.',
    projected: 'Several sources in one directory.',
    secret: 'The keys of a secret, as files.',
  },
  'core.v1.VolumeMount': {
    '': 'Where a container sees a volume.',
    mountPath: 'The path in the container.',
    mountPropagation: 'Whether mounts made later are seen on the other side.',
    name: 'The volume.',
    readOnly: 'Whether the container may only read.',
    recursiveReadOnly: 'Whether mounts within the volume are read-only, too.',
    subPath: 'A path within the volume to mount instead of its root.',
    subPathExpr: 'As subPath, with $(NAME) replaced by environment variables.',
  },
  'core.v1.EmptyDirVolumeSource': {
    '': 'An empty directory, which lives as long as the pod.',
    medium: 'Memory keeps it in memory; left out, it is on the disk of the node.',
    sizeLimit: 'The most that may be stored; more, and the pod is evicted.',
  },
  'core.v1.HostPathVolumeSource': {
    '': 'A file or directory of the node.',
    path: 'The path on the node.',
    type: 'What must be there, or is made if it is not; unchecked if empty.',
  },
  'core.v1.ConfigMapVolumeSource': {
    '': 'The keys of a config map, as files.',
    defaultMode: mode,
    items,
    name: 'The config map.',
    optional,
  },
  'core.v1.SecretVolumeSource': {
    '': 'The keys of a secret, as files in memory.',
    defaultMode: mode,
    items,
    optional,
    secretName: 'The secret.',
  },
  'core.v1.DownwardAPIVolumeSource': { '': 'Facts about the pod, as files.', defaultMode: mode, items: 'The files.' },
  'core.v1.DownwardAPIVolumeFile': {
    '': 'A file that holds a fact about the pod.',
    fieldRef: 'A field of the pod.',
    mode: 'Permissions of the file.',
    path: 'The path within the volume.',
    resourceFieldRef: 'A request or limit of a container.',
  },
  'core.v1.ProjectedVolumeSource': {
    '': 'Several sources in one directory.',
    defaultMode: mode,
    sources: 'The sources.',
  },
  'core.v1.ServiceAccountTokenProjection': {
    '': 'A token of the service account, kept fresh.',
    audience: 'Whom the token is meant for; the API server if left out.',
    expirationSeconds: 'Seconds that a token is good for. It is replaced well before.',
    path: 'The path within the volume.',
  },
  'core.v1.PersistentVolumeClaimVolumeSource': {
    '': 'The volume that a claim is bound to.',
    claimName: 'The claim, in the namespace of the pod.',
    readOnly: 'Whether all mounts are read-only.',
  },
  'core.v1.KeyToPath': {
    '': 'Where a key is shown.',
    key: 'The key.',
    mode: 'Permissions of the file.',
    path: 'The path within the volume.',
  },
  'core.v1.NFSVolumeSource': {
    '': 'A directory of an NFS server.',
    path: 'The directory that the server exports.',
    readOnly: 'Whether the mount is read-only.',
    server: 'Name or address of the server.',
  },
  'core.v1.LocalObjectReference': { '': 'An object in the same namespace, by name.', name: 'The name of the object.' },
  'core.v1.ConfigMapKeySelector': {
    '': 'A key of a config map.',
    key: 'The key.',
    name: 'The config map.',
    optional: 'Whether the key, or the config map, may be missing.',
  },
  'core.v1.SecretKeySelector': {
    '': 'A key of a secret.',
    key: 'The key.',
    name: 'The secret.',
    optional: 'Whether the key, or the secret, may be missing.',
  },
  'core.v1.ObjectFieldSelector': {
    '': 'A field of an object.',
    apiVersion: 'The version in which the path is meant.',
    fieldPath: 'The path of the field.',
  },
  'core.v1.ResourceFieldSelector': {
    '': 'A request or limit of a container.',
    containerName: 'The container; needed in volumes.',
    divisor: 'The unit that the amount is given in.',
    resource: 'Which one, as limits.cpu.',
  },
}
