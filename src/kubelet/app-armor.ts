import type { AppArmorProfile, Container } from '../api/kinds.generated.ts'
import type { LinuxSecurity } from '../runtime/pod-runtime.ts'
import { allContainers, type KubeletPod } from './pod-containers.ts'

/** Before there was a field for it. The API server has put these into fields; static pods come without one. */
const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'

/** Why the node cannot hold the pod to what it says of AppArmor, in the words of the original's pkg/security/apparmor. */
export function appArmorFault(pod: KubeletPod, isEnabled: boolean): string | undefined {
  if (!isRequired(pod)) return undefined
  if (!isEnabled) return 'AppArmor is not enabled on the host'
  const nameless = allContainers(pod)
    .map((container) => profileOf(pod, container))
    .find((profile) => profile?.type === 'Localhost' && (profile.localhostProfile ?? '').trim() === '')
  return nameless === undefined
    ? undefined
    : `invalid empty AppArmor profile name: ${JSON.stringify(nameless.localhostProfile ?? '')}`
}

/** What the runtime is to hold the container to; undefined: nothing. */
export function appArmorOf(pod: KubeletPod, container: Container): LinuxSecurity['appArmor'] {
  const profile = profileOf(pod, container)
  if (profile?.type === 'RuntimeDefault') return 'RuntimeDefault'
  return profile?.type === 'Localhost' ? { localhostProfile: profile.localhostProfile ?? '' } : undefined
}

function isRequired(pod: KubeletPod): boolean {
  const fields = [pod.spec, ...allContainers(pod)].map(({ securityContext }) => securityContext?.appArmorProfile)
  if (fields.some((profile) => profile !== undefined && profile.type !== 'Unconfined')) return true
  return Object.entries(pod.metadata.annotations ?? {}).some(
    ([name, value]) => name.startsWith(annotationPrefix) && value !== 'unconfined',
  )
}

function profileOf({ metadata, spec }: KubeletPod, { name, securityContext }: Container): AppArmorProfile | undefined {
  const text = metadata.annotations?.[`${annotationPrefix}${name}`]
  return securityContext?.appArmorProfile ?? annotated(text) ?? spec.securityContext?.appArmorProfile
}

function annotated(text: string | undefined): AppArmorProfile | undefined {
  if (text === 'runtime/default') return { type: 'RuntimeDefault' }
  if (text === 'unconfined') return { type: 'Unconfined' }
  const name = /^localhost\/(.*)$/.exec(text ?? '')?.[1]
  return name === undefined ? undefined : { type: 'Localhost', localhostProfile: name }
}
