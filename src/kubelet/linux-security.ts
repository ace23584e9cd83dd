import type { Container, SeccompProfile, SecurityContext } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Image, LinuxSecurity } from '../runtime/pod-runtime.ts'
import { appArmorOf } from './app-armor.ts'
import { type KubeletPod, podLabel } from './pod-containers.ts'

/** The container's security context, completed by the pod's. */
export function effectiveSecurity({ spec }: KubeletPod, container: Container): SecurityContext {
  const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile } = spec.securityContext ?? {}
  return {
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(runAsNonRoot === undefined ? {} : { runAsNonRoot }),
    ...(seccompProfile === undefined ? {} : { seccompProfile }),
    ...container.securityContext,
  }
}

/** The user of an image as written in its configuration ('1000', 'app', 'app:staff', ''). */
function imageUser(image: Image | undefined): Readonly<{ uid?: number; name?: string }> {
  const user = image?.user.split(':')[0] ?? ''
  if (user === '') return { uid: 0 }
  return /^\d+$/.test(user) ? { uid: Number(user) } : { name: user }
}

/** What the runtime must enforce; the error, where runAsNonRoot cannot be kept, is worded as the original's. */
export function linuxSecurity(
  pod: KubeletPod,
  container: Container,
  image: Image | undefined,
  /** Folder of the profiles that pods name as Localhost. */
  seccompProfiles: string,
): Result<LinuxSecurity, string> {
  const security = effectiveSecurity(pod, container)
  const user = imageUser(image)
  const root = rootFault(pod, container, security, user)
  if (root !== undefined) return fail(root)
  const { fsGroup, supplementalGroups = [], supplementalGroupsPolicy } = pod.spec.securityContext ?? {}
  const { runAsUser, runAsGroup, capabilities, privileged = false } = security
  const chosen = runAsUser ?? user.uid
  const appArmor = appArmorOf(pod, container)
  return ok({
    ...(chosen === undefined ? {} : { runAsUser: chosen }),
    ...(runAsUser === undefined && user.name !== undefined ? { runAsUserName: user.name } : {}),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups],
    ...(supplementalGroupsPolicy === 'Strict' ? { onlyGivenGroups: true } : {}),
    privileged,
    readOnlyRootFilesystem: security.readOnlyRootFilesystem ?? false,
    allowPrivilegeEscalation: security.allowPrivilegeEscalation ?? true,
    addCapabilities: capabilities?.add ?? [],
    dropCapabilities: capabilities?.drop ?? [],
    seccomp: seccompOf(security.seccompProfile, seccompProfiles),
    ...(appArmor === undefined ? {} : { appArmor }),
    unmasked: privileged || security.procMount === 'Unmasked',
  })
}

function rootFault(
  pod: KubeletPod,
  { name }: Container,
  { runAsNonRoot, runAsUser }: SecurityContext,
  user: Readonly<{ uid?: number; name?: string }>,
): string | undefined {
  if (!runAsNonRoot) return undefined
  const where = `(pod: ${JSON.stringify(podLabel(pod))}, container: ${name})`
  if (runAsUser !== undefined)
    return runAsUser === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined
  if (user.name !== undefined)
    return `container has runAsNonRoot and image has non-numeric user (${user.name}), cannot verify user is non-root ${where}`
  return user.uid === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined
}

/** Without a profile a container runs unconfined, as with the kubelet's seccompDefault off. */
function seccompOf(profile: SeccompProfile | undefined, profiles: string): LinuxSecurity['seccomp'] {
  if (profile?.type === 'RuntimeDefault') return 'RuntimeDefault'
  if (profile?.type === 'Localhost') return { localhostProfile: `${profiles}/${profile.localhostProfile ?? ''}` }
  return 'Unconfined'
}
