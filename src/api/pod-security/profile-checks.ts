import {
  type Check,
  type CheckedPod,
  containersOf,
  containersWith,
  counted,
  isWindows,
  named,
  quoted,
  settersOf,
  sortedSet,
} from './check.ts'

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

function isGoodType(type: string | undefined): boolean {
  return type === 'RuntimeDefault' || type === 'Localhost'
}

type Profiled = Readonly<{ type?: string }> | undefined

function isBad(profile: Profiled): boolean {
  return profile !== undefined && !isGoodType(profile.type)
}

function typesOf(profiles: readonly Profiled[]): readonly string[] {
  return sortedSet(profiles.filter(isBad).map((profile) => profile?.type ?? ''))
}

export const appArmorProfile: Check = ({ metadata, spec }) => {
  const profiles = containersOf(spec).map(({ securityContext }) => securityContext?.appArmorProfile)
  const ofPod = spec.securityContext?.appArmorProfile
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !isGoodAppArmor(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
  const setters = [
    ...settersOf(
      isBad(ofPod),
      containersWith(spec, (context) => isBad(context?.appArmorProfile)),
    ),
    ...(annotations.length === 0 ? [] : [counted('annotation', annotations.length)]),
  ]
  if (setters.length === 0) return undefined
  const values = [...typesOf([ofPod, ...profiles]), ...annotations]
  const detail = `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`
  return { reason: counted('forbidden AppArmor profile', values.length), detail }
}

function isGoodAppArmor(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/')
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'

/** Up to 1.18: annotations. */
export const seccompAnnotations: Check = ({ metadata, spec }) => {
  const keys = [seccompOfPod, ...containersOf(spec).map(({ name }) => `${seccompOfContainer}${name}`)]
  const bad = sortedSet(
    keys.flatMap((key) => {
      const value = metadata.annotations?.[key]
      return value === undefined || isGoodSeccomp(value) ? [] : [`${key}=${JSON.stringify(value)}`]
    }),
  )
  if (bad.length === 0) return undefined
  return { reason: 'seccompProfile', detail: `forbidden ${counted('annotation', bad.length)} ${bad.join(', ')}` }
}

function isGoodSeccomp(value: string): boolean {
  return value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
}

/** Since 1.19: fields, if they are there. */
export const seccompProfile: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.seccompProfile
  const setters = settersOf(
    isBad(ofPod),
    containersWith(spec, (context) => isBad(context?.seccompProfile)),
  )
  if (setters.length === 0) return undefined
  const values = typesOf([ofPod, ...containersOf(spec).map(({ securityContext }) => securityContext?.seccompProfile)])
  const detail = `${setters.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted(values)}`
  return { reason: 'seccompProfile', detail }
}

/** Restricted pods have to have one. */
export const seccompRequired: Check = (pod: CheckedPod) => {
  const { spec } = pod
  const wrong = seccompProfile(pod)
  if (wrong !== undefined) return wrong
  if (spec.securityContext?.seccompProfile !== undefined) return undefined
  const without = containersWith(spec, (context) => context?.seccompProfile === undefined)
  if (without.length === 0) return undefined
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return { reason: 'seccompProfile', detail: `pod or ${named('container', without)} ${must}` }
}

/** Since 1.25. */
export const seccompRequiredElsewhere: Check = (pod) => (isWindows(pod.spec) ? undefined : seccompRequired(pod))
