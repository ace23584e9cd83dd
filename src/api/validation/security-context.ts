import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext, Sysctl } from '../kinds.generated.ts'
import {
  child,
  duplicate,
  type Errors,
  index,
  invalid,
  invalidEach,
  notSupported,
  required,
  tooLong,
} from './field-error.ts'
import { idErrors } from './names.ts'
import { validateDescendingPath } from './paths.ts'

export function validateSecurityContext(
  field: string,
  context: SecurityContext | undefined,
  hostUsers: boolean,
): Errors {
  if (context === undefined) return []
  const { runAsUser, runAsGroup, procMount } = context
  return [
    ...validateId(child(field, 'runAsUser'), runAsUser),
    ...validateId(child(field, 'runAsGroup'), runAsGroup),
    ...(procMount === undefined || ['Default', 'Unmasked'].includes(procMount)
      ? []
      : [notSupported(child(field, 'procMount'), procMount, ['Default', 'Unmasked'])]),
    ...(hostUsers && procMount === 'Unmasked'
      ? [invalid(child(field, 'procMount'), procMount, '`hostUsers` must be false to use `Unmasked`')]
      : []),
    ...validateSeccomp(child(field, 'seccompProfile'), context.seccompProfile),
    ...validateEscalation(field, context),
    ...validateAppArmor(child(field, 'appArmorProfile'), context.appArmorProfile),
  ]
}

function validateEscalation(field: string, context: SecurityContext): Errors {
  if (context.allowPrivilegeEscalation !== false) return []
  const admin = (context.capabilities?.add ?? []).filter((name) => name === 'CAP_SYS_ADMIN')
  const cannot = 'cannot set `allowPrivilegeEscalation` to false and'
  return [
    ...(context.privileged === true ? [invalid(field, asGo(context), `${cannot} \`privileged\` to true`)] : []),
    ...admin.map(() => invalid(field, asGo(context), `${cannot} \`capabilities.Add\` CAP_SYS_ADMIN`)),
  ]
}

/** kube-apiserver prints its internal type, field by field. */
function asGo(context: SecurityContext): unknown {
  const { capabilities, seLinuxOptions, seccompProfile, appArmorProfile } = context
  return {
    Capabilities:
      capabilities === undefined ? null : { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null },
    Privileged: context.privileged ?? null,
    SELinuxOptions: seLinuxOptions === undefined ? null : goStrings(seLinuxOptions, ['user', 'role', 'type', 'level']),
    WindowsOptions: context.windowsOptions ?? null,
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: seccompProfile === undefined ? null : profileAsGo(seccompProfile),
    AppArmorProfile: appArmorProfile === undefined ? null : profileAsGo(appArmorProfile),
  }
}

function goStrings(object: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  return Object.fromEntries(names.map((name) => [name.charAt(0).toUpperCase() + name.slice(1), object[name] ?? '']))
}

function profileAsGo({ type, localhostProfile }: SeccompProfile | AppArmorProfile): unknown {
  return { Type: type, LocalhostProfile: localhostProfile ?? null }
}

function validateId(field: string, id: number | undefined): Errors {
  return id === undefined ? [] : invalidEach(field, id, idErrors(id))
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

function validateSeccomp(field: string, profile: SeccompProfile | undefined): Errors {
  if (profile === undefined) return []
  const { type = '', localhostProfile } = profile
  const local = child(field, 'localhostProfile')
  return [
    ...(type === '' ? [required(child(field, 'type'), 'type is required when seccompProfile is set')] : []),
    ...(type !== '' && !profileTypes.includes(type) ? [notSupported(child(field, 'type'), type, profileTypes)] : []),
    ...(type === 'Localhost' && localhostProfile === undefined
      ? [required(local, 'must be set when seccomp type is Localhost')]
      : []),
    ...(type === 'Localhost' && localhostProfile !== undefined ? validateDescendingPath(local, localhostProfile) : []),
    ...(type !== 'Localhost' && localhostProfile !== undefined
      ? [invalid(local, profileAsGo(profile), 'can only be set when seccomp type is Localhost')]
      : []),
  ]
}

function validateAppArmor(field: string, profile: AppArmorProfile | undefined): Errors {
  if (profile === undefined) return []
  const { type = '', localhostProfile } = profile
  const local = child(field, 'localhostProfile')
  if (type === '') return [required(child(field, 'type'), 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [notSupported(child(field, 'type'), type, profileTypes)]
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return []
    return [invalid(local, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  }
  if (localhostProfile === undefined) return [required(local, 'must be set when AppArmor type is Localhost')]
  const trimmed = localhostProfile.trim()
  return [
    ...(trimmed === localhostProfile ? [] : [invalid(local, localhostProfile, 'must not be padded with whitespace')]),
    ...(localhostProfile === '' ? [required(local, 'must be set when AppArmor type is Localhost')] : []),
    ...(localhostProfile.length > 4095 ? [tooLong(local, 4095)] : []),
  ]
}

export function validatePodSecurity(field: string, spec: PodSpec): Errors {
  const context = spec.securityContext
  const both = spec.shareProcessNamespace === true && spec.hostPID === true
  if (context === undefined && !both) return []
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups = [], sysctls = [] } = context ?? {}
  return [
    ...validateId(child(field, 'fsGroup'), fsGroup),
    ...validateId(child(field, 'runAsUser'), runAsUser),
    ...validateId(child(field, 'runAsGroup'), runAsGroup),
    ...supplementalGroups.flatMap((id, at) => validateId(index(child(field, 'supplementalGroups'), at), id)),
    ...(both
      ? [
          invalid(
            child(field, 'shareProcessNamespace'),
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
    ...validateSysctls(child(field, 'sysctls'), sysctls, spec),
    ...choice(child(field, 'fsGroupChangePolicy'), context?.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(child(field, 'seccompProfile'), context?.seccompProfile),
    ...validateAppArmor(child(field, 'appArmorProfile'), context?.appArmorProfile),
    ...choice(child(field, 'supplementalGroupsPolicy'), context?.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...choice(child(field, 'seLinuxChangePolicy'), context?.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ]
}

function choice(field: string, value: string | undefined, supported: readonly string[]): Errors {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

const sysctlPattern = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctlName = new RegExp(sysctlPattern)
const ipcSysctl = /^(kernel[./](sem|shm)|fs[./]mqueue[./]|kernel[./]msg)/

function validateSysctls(field: string, sysctls: readonly Sysctl[], spec: PodSpec): Errors {
  const seen = new Set<string>()
  return sysctls.flatMap(({ name = '' }, at) => {
    const path = child(index(field, at), 'name')
    const errors = validateSysctlName(path, name, seen)
    seen.add(name)
    if (spec.hostNetwork === true && /^net[./]/.test(name)) {
      return [...errors, invalid(path, name, "may not be specified when 'hostNetwork' is true")]
    }
    if (spec.hostIPC !== true || !ipcSysctl.test(name)) return errors
    return [...errors, invalid(path, name, "may not be specified when 'hostIPC' is true")]
  })
}

function validateSysctlName(field: string, name: string, seen: ReadonlySet<string>): Errors {
  if (name === '') return [required(field)]
  if (name.length > 253 || !sysctlName.test(name)) {
    return [invalid(field, name, `must have at most 253 characters and match regex ${sysctlPattern}`)]
  }
  return seen.has(name) ? [duplicate(field, name)] : []
}
