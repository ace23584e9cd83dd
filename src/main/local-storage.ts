import { kinds } from '../api/kinds.ts'
import type { Client } from '../client/client.ts'
import { localStorageManifests } from '../kubelet/volumes/local-storage-manifests.ts'
import { createUnlessThere } from './create-unless-there.ts'

/**
 * Sees to it that claims get volumes without more being set up. A class that a user has removed or made no default comes back only with
 * the next start, and one that was changed stays as it is.
 */
export async function ensureLocalStorage(client: Client): Promise<void> {
  const { storageClass, role, binding } = localStorageManifests()
  await createUnlessThere(client, kinds.clusterRoles, role)
  await createUnlessThere(client, kinds.clusterRoleBindings, binding)
  await createUnlessThere(client, kinds.storageClasses, storageClass)
}
