import { describe, expect, it } from 'vitest'
import type { AppArmorProfile, Container } from '../api/kinds.generated.ts'
import { appArmorFault, appArmorOf } from './app-armor.ts'
import type { KubeletPod } from './pod-containers.ts'
import { testContainer, testPod } from './test-pod.ts'

const byDefault: AppArmorProfile = { type: 'RuntimeDefault' }
const unconfined: AppArmorProfile = { type: 'Unconfined' }
const named = (localhostProfile: string): AppArmorProfile => ({ type: 'Localhost', localhostProfile })
const annotation = 'container.apparmor.security.beta.kubernetes.io/a'

function pod(whole?: AppArmorProfile, own?: AppArmorProfile, text?: string): KubeletPod {
  const held = (profile: AppArmorProfile | undefined) =>
    profile === undefined ? {} : { securityContext: { appArmorProfile: profile } }
  return testPod(
    { ...held(whole), containers: [testContainer('a', held(own))] },
    text === undefined ? {} : { annotations: { [annotation]: text } },
  )
}

const first = ({ spec }: KubeletPod): Container => spec.containers[0] ?? testContainer('none')

describe('the AppArmor profile of a container', () => {
  it.each([
    ['none', pod(), undefined],
    ['that of its pod', pod(byDefault), 'RuntimeDefault'],
    ['its own before that of its pod', pod(byDefault, named('web')), { localhostProfile: 'web' }],
    ['none, if so wanted', pod(byDefault, unconfined), undefined],
    [
      'that of an annotation before that of its pod',
      pod(byDefault, undefined, 'localhost/old'),
      { localhostProfile: 'old' },
    ],
    ['its own before that of an annotation', pod(undefined, byDefault, 'localhost/old'), 'RuntimeDefault'],
    ['that of its pod where the annotation says nothing', pod(byDefault, undefined, 'what'), 'RuntimeDefault'],
  ])('is %s', (_, asking, profile) => expect(appArmorOf(asking, first(asking))).toEqual(profile))
})

describe('a node without AppArmor', () => {
  const told = 'AppArmor is not enabled on the host'
  it.each([
    [pod(), undefined],
    [pod(unconfined, unconfined), undefined],
    [pod(byDefault), told],
    [pod(unconfined, named('web')), told],
    [pod(undefined, undefined, 'runtime/default'), told],
    [pod(undefined, undefined, 'unconfined'), undefined],
  ])('takes nobody who must be held to a profile (%#)', (asking, fault) =>
    expect(appArmorFault(asking, false)).toBe(fault),
  )
})

describe('a node with AppArmor', () => {
  it.each([
    [pod(byDefault, named('web')), undefined],
    [pod(named(' ')), 'invalid empty AppArmor profile name: " "'],
  ])('takes whoever names a profile (%#)', (asking, fault) => expect(appArmorFault(asking, true)).toBe(fault))
})
