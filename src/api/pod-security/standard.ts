import * as baseline from './baseline-checks.ts'
import type { Check, CheckedPod, Violation } from './check.ts'
import type { LevelVersion } from './policy.ts'
import * as profiles from './profile-checks.ts'
import * as restricted from './restricted-checks.ts'

/** A check of the Pod Security Standards, in its revisions by the minor version that each began with. */
type Entry = Readonly<{
  id: string
  versions: readonly (readonly [since: number, check: Check])[]
  /** The baseline check that it makes needless. */
  overrides?: string
}>

/** By id, which is the order in which they are told. */
const baselineChecks: readonly Entry[] = [
  { id: 'appArmorProfile', versions: [[0, profiles.appArmorProfile]] },
  { id: 'capabilities_baseline', versions: [[0, baseline.capabilities]] },
  { id: 'hostNamespaces', versions: [[0, baseline.hostNamespaces]] },
  { id: 'hostPathVolumes', versions: [[0, baseline.hostPathVolumes]] },
  { id: 'hostPorts', versions: [[0, baseline.hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', versions: [[34, baseline.hostProbes]] },
  { id: 'privileged', versions: [[0, baseline.privileged]] },
  {
    id: 'procMount',
    versions: [
      [0, baseline.procMount],
      [35, baseline.procMountOutsideUserNamespaces],
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      [0, baseline.seLinuxOptions([])],
      [31, baseline.seLinuxOptions(['container_engine_t'])],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      [0, profiles.seccompAnnotations],
      [19, profiles.seccompProfile],
    ],
  },
  {
    id: 'sysctls',
    versions: [
      [0, baseline.safeSysctls([])],
      [27, baseline.safeSysctls(baseline.sysctlsSince1Dot27)],
      [29, baseline.safeSysctls(baseline.sysctlsSince1Dot29)],
      [32, baseline.safeSysctls(baseline.sysctlsSince1Dot32)],
    ],
  },
  { id: 'windowsHostProcess', versions: [[0, baseline.windowsHostProcess]] },
]

const restrictedChecks: readonly Entry[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      [8, restricted.allowPrivilegeEscalation],
      [25, restricted.allowPrivilegeEscalationElsewhere],
    ],
  },
  {
    id: 'capabilities_restricted',
    versions: [
      [22, restricted.dropCapabilities],
      [25, restricted.dropCapabilitiesElsewhere],
    ],
    overrides: 'capabilities_baseline',
  },
  { id: 'procMount_restricted', versions: [[35, baseline.procMount]], overrides: 'procMount' },
  { id: 'restrictedVolumes', versions: [[0, restricted.volumeTypes]], overrides: 'hostPathVolumes' },
  {
    id: 'runAsNonRoot',
    versions: [
      [0, restricted.runAsNonRoot],
      [35, restricted.runAsNonRootOutsideUserNamespaces],
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      [23, restricted.runAsUser],
      [35, restricted.runAsUserOutsideUserNamespaces],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    versions: [
      [19, profiles.seccompRequired],
      [25, profiles.seccompRequiredElsewhere],
    ],
    overrides: 'seccompProfile_baseline',
  },
]

/** Everything about the pod that the standard forbids. */
export function violations({ level, version }: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (level === 'privileged') return []
  const minor = version === 'latest' ? Number.POSITIVE_INFINITY : version
  const strict = level === 'restricted' ? restrictedChecks.filter((entry) => checkAt(entry, minor) !== undefined) : []
  const overridden = new Set(strict.map(({ overrides }) => overrides))
  const entries = [...baselineChecks.filter(({ id }) => !overridden.has(id)), ...strict]
  return entries.flatMap((entry) => checkAt(entry, minor)?.(pod) ?? [])
}

function checkAt({ versions }: Entry, minor: number): Check | undefined {
  return versions.filter(([since]) => since <= minor).at(-1)?.[1]
}

/** 'host ports, privileged'. */
export function reasonsOf(found: readonly Violation[]): string {
  return found.map(({ reason }) => reason).join(', ')
}

/** 'hostPort (container "a" uses hostPort 80), privileged (…)'. */
export function detailsOf(found: readonly Violation[]): string {
  return found.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')
}
