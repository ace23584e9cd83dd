import type { ClusterRole, ClusterRoleBinding, StorageClass } from '../../api/kinds.generated.ts'
import { defaultClassAnnotation } from '../../api/persistent-volume.ts'
import type { Draft } from '../../client/client.ts'

/** Who makes volumes of the class 'standard': folders on the node that a pod has been given. */
export const localProvisioner = 'coracle.dev/local'

/** As whom it speaks to the API. */
export const localProvisionerUser = 'system:local-volume-provisioner'

type Manifests = Readonly<{
  storageClass: Draft<StorageClass>
  role: Draft<ClusterRole>
  binding: Draft<ClusterRoleBinding>
}>

/** The class that claims get who name none, and what its provisioner may do. */
export function localStorageManifests(): Manifests {
  const annotations = { [defaultClassAnnotation]: 'true' }
  const rbac = 'rbac.authorization.k8s.io'
  const read = ['get', 'list', 'watch']
  return {
    storageClass: {
      metadata: { name: 'standard', annotations },
      provisioner: localProvisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    } as Draft<StorageClass>,
    role: {
      metadata: { name: localProvisionerUser },
      rules: [
        { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...read, 'create', 'delete'] },
        { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: read },
        { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: read },
        { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
      ],
    },
    binding: {
      metadata: { name: localProvisionerUser },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: localProvisionerUser },
      subjects: [{ apiGroup: rbac, kind: 'User', name: localProvisionerUser }],
    },
  }
}
