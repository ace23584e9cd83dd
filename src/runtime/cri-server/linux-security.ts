import { ok, type Result } from '../../api/result.ts'
import type { linuxContainerSecurityContext, securityProfile } from '../../api/rpc/cri.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import type { GrpcFailure } from '../../ports/grpc.ts'
import { plainSecurity } from '../plain-security.ts'
import type { LinuxSecurity } from '../pod-runtime.ts'
import { refuse } from './cri-failure.ts'

type Context = Received<typeof linuxContainerSecurityContext>

/** As containerd reads it: what is not said is not restricted, but privileges may not be gained by being silent. */
export function linuxSecurity(
  context: Context | undefined,
  appArmorEnabled: boolean,
): Result<LinuxSecurity, GrpcFailure> {
  if (context === undefined) return ok(unsaid)
  const { runAsUser, runAsGroup, runAsUsername, capabilities, privileged } = context
  if (runAsGroup !== undefined && runAsUser === undefined && runAsUsername === '')
    return refuse('InvalidArgument', `user group ${runAsGroup.value} is specified without user`)
  const seccomp = seccompOf(context)
  if (typeof seccomp === 'string' && seccomp !== 'RuntimeDefault' && seccomp !== 'Unconfined')
    return refuse('InvalidArgument', `failed to generate seccomp spec opts: ${seccomp}`)
  const appArmor = appArmorOf(context, appArmorEnabled)
  if (!appArmor.ok) return appArmor
  return ok({
    ...(runAsUser === undefined ? {} : { runAsUser: runAsUser.value }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: runAsGroup.value }),
    ...(runAsUsername === '' ? {} : { runAsUserName: runAsUsername }),
    supplementalGroups: context.supplementalGroups,
    onlyGivenGroups: context.supplementalGroupsPolicy === 'Strict',
    privileged,
    readOnlyRootFilesystem: context.readonlyRootfs,
    allowPrivilegeEscalation: !context.noNewPrivs,
    addCapabilities: capabilities?.addCapabilities ?? [],
    dropCapabilities: capabilities?.dropCapabilities ?? [],
    seccomp,
    unmasked: false,
    maskedPaths: context.maskedPaths,
    readonlyPaths: context.readonlyPaths,
    ...(appArmor.value === undefined ? {} : { appArmor: appArmor.value }),
  })
}

const unsaid: LinuxSecurity = { ...plainSecurity, seccomp: 'Unconfined', maskedPaths: [], readonlyPaths: [] }

type Profile = Received<typeof securityProfile>

/** The older field is a text: 'runtime/default', 'unconfined', 'localhost/NAME'. */
function profileOf(profile: Profile | undefined, text: string): Profile | undefined {
  if (profile !== undefined) return profile
  if (text === '') return undefined
  if (text === 'runtime/default' || text === 'docker/default')
    return { profileType: 'RuntimeDefault', localhostRef: '' }
  return text.startsWith('localhost/')
    ? { profileType: 'Localhost', localhostRef: text.slice('localhost/'.length) }
    : { profileType: 'Unconfined', localhostRef: '' }
}

function seccompOf({ seccomp, seccompProfilePath }: Context): LinuxSecurity['seccomp'] {
  const profile = profileOf(seccomp, seccompProfilePath)
  if (profile === undefined) return 'Unconfined'
  return profile.profileType === 'Localhost' ? { localhostProfile: profile.localhostRef } : profile.profileType
}

/** A profile by name must be there; without AppArmor even the default is refused, for nobody would be held to it. */
function appArmorOf(
  { apparmor, apparmorProfile }: Context,
  isEnabled: boolean,
): Result<LinuxSecurity['appArmor'], GrpcFailure> {
  const profile = profileOf(apparmor, apparmorProfile)
  if (profile === undefined || profile.profileType === 'Unconfined') return ok(undefined)
  if (!isEnabled) return refuse('Unknown', 'failed to generate apparmor spec opts: apparmor is not supported')
  if (profile.profileType === 'RuntimeDefault') return ok('RuntimeDefault')
  return ok({ localhostProfile: profile.localhostRef.replace(/^localhost\//, '') })
}
