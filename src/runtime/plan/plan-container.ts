import { fail, ok, type Result } from '../../api/result.ts'
import type { HostDevice, HostFacts, OciConfig, OciProcess } from '../../ports/containers.ts'
import type { IdRange, PinnedNamespaces } from '../../ports/namespaces.ts'
import type { ContainerEdits } from '../cdi/cdi-spec.ts'
import type { ImageConfig } from '../images/image-config.ts'
import type { ContainerSpec, LinuxSecurity } from '../pod-runtime.ts'
import { planCapabilities } from './capabilities.ts'
import { editedHooks, editedMounts, type GrantedDevice } from './container-devices.ts'
import { ociIds, planMounts, rootPropagation } from './container-mounts.ts'
import { planResources } from './container-resources.ts'
import { type ContainerUser, resolveUser, type UserFiles } from './container-user.ts'
import { seccompProfile } from './seccomp-profile.ts'

export type PlanInput = Readonly<{
  spec: ContainerSpec
  image: ImageConfig
  userFiles: UserFiles
  sandbox: Readonly<{
    hostname: string
    namespaces: PinnedNamespaces
    /** As of the sandbox. */
    processes?: 'pod' | 'node'
    /** As of the sandbox. */
    users?: IdRange
    shmPath: string
    /** Files of the sandbox that containers see in /etc: name → path. */
    files?: Readonly<Record<string, string>>
  }>
  rootPath: string
  /** Where the images of imageMounts are, in their order. */
  imagePaths?: readonly string[]
  /** First process of the container whose processes it is to see. */
  targetPid?: number
  cgroupsPath: string
  host: HostFacts
  /** Of privileged containers. */
  devices: readonly HostDevice[]
  /** Given to this one container. */
  granted?: readonly GrantedDevice[]
  /** What devices' vendors want it to have besides. */
  edits?: readonly ContainerEdits[]
  /** Content of a localhost seccomp profile. */
  localSeccomp?: unknown
  annotations: Readonly<Record<string, string>>
}>

export type ContainerPlan = Readonly<{
  config: OciConfig
  /** What this machine could not give as asked. */
  notes: readonly string[]
}>

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const wantedOpenFiles = 1_048_576

export const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
export const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Image, container and sandbox → the runtime's configuration. The error is fit for a pod's status. */
export function planContainer(input: PlanInput): Result<ContainerPlan, string> {
  const { spec, image, host } = input
  const args = planArguments(spec, image)
  if (args.length === 0) return fail('failed to generate container spec: no command specified')
  // There is none of ours that a machine could have loaded, and nobody is to believe in one.
  if (spec.security.appArmor === 'RuntimeDefault' && !spec.security.privileged)
    return fail('failed to generate apparmor spec opts: this runtime has no default profile')
  const user = resolveUser(spec.security, image.user, input.userFiles)
  if (!user.ok) return user
  const { granted: all, missing } = planCapabilities(spec.security, host.capabilities)
  // Whoever can make device files must be kept from opening them.
  const granted = guardsDevices(host) || spec.security.privileged ? all : all.filter((name) => name !== 'CAP_MKNOD')
  const notes = missing.map((name) => `${name} is not available on this machine`)
  const oomScoreAdj = Math.max(spec.resources.oomScoreAdj, host.lowestOomScoreAdj)
  if (oomScoreAdj !== spec.resources.oomScoreAdj)
    notes.push(`oom_score_adj ${spec.resources.oomScoreAdj} is beyond our rights; ${oomScoreAdj} it is`)
  const process = planProcess(input, args, user.value, granted, oomScoreAdj)
  const config: OciConfig = {
    ociVersion: '1.0.2',
    process,
    root: { path: input.rootPath, readonly: spec.security.readOnlyRootFilesystem },
    mounts: planMounts(spec, input.sandbox, input.imagePaths, editedMounts(input.edits ?? [])),
    ...planHooks(input),
    annotations: input.annotations,
    linux: planLinux(input, granted),
  }
  return ok({ config, notes })
}

function planHooks({ edits = [] }: PlanInput): Readonly<{ hooks?: unknown }> {
  const hooks = editedHooks(edits)
  return Object.keys(hooks).length === 0 ? {} : { hooks }
}

/** With v2, rules for devices are a BPF program, for which runtimes raise a limit that only this capability may raise. */
function guardsDevices({ cgroups, capabilities }: HostFacts): boolean {
  return cgroups === 'v1' || capabilities.includes('CAP_SYS_RESOURCE')
}

/** Kubernetes: command replaces the entrypoint and drops the image's cmd; args replace the cmd. */
function planArguments(spec: ContainerSpec, image: ImageConfig): readonly string[] {
  const command = spec.command ?? []
  const args = spec.args ?? []
  if (command.length > 0) return [...command, ...args]
  return [...image.entrypoint, ...(args.length > 0 ? args : image.cmd)]
}

function planProcess(
  { spec, image, host, sandbox, edits }: PlanInput,
  args: readonly string[],
  user: ContainerUser,
  capabilities: readonly string[],
  oomScoreAdj: number,
): OciProcess {
  const openFiles = Math.min(wantedOpenFiles, host.openFilesLimit)
  const groups = (edits ?? []).flatMap(({ additionalGids = [] }) => additionalGids)
  return {
    terminal: spec.tty,
    user: groups.length === 0 ? user : { ...user, additionalGids: [...new Set([...user.additionalGids, ...groups])] },
    args,
    env: planEnvironment(spec, image, sandbox.hostname, edits),
    cwd: firstNonEmpty(spec.workingDir, image.workingDir, '/'),
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: openFiles, hard: openFiles }],
    noNewPrivileges: !spec.security.allowPrivilegeEscalation && !spec.security.privileged,
    oomScoreAdj,
    ...planAppArmor(spec.security),
  }
}

function planAppArmor({ appArmor, privileged }: LinuxSecurity): Readonly<{ apparmorProfile?: string }> {
  return typeof appArmor === 'object' && !privileged ? { apparmorProfile: appArmor.localhostProfile } : {}
}

function firstNonEmpty(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== '') ?? ''
}

/** Later values of a name win; a PATH is always there. */
function planEnvironment(
  { env, tty }: ContainerSpec,
  image: ImageConfig,
  hostname: string,
  edits: readonly ContainerEdits[] = [],
): readonly string[] {
  const pairs = [
    defaultPath,
    `HOSTNAME=${hostname}`,
    ...(tty ? ['TERM=xterm'] : []),
    ...image.env,
    ...env.map(({ name, value }) => `${name}=${value}`),
    ...edits.flatMap((each) => each.env ?? []),
  ]
  const byName = new Map<string, string>()
  for (const pair of pairs) byName.set(pair.split('=', 1)[0] ?? '', pair)
  return [...byName.values()]
}

function planLinux(input: PlanInput, capabilities: readonly string[]): OciConfig['linux'] {
  const { spec, host } = input
  const { privileged, unmasked } = spec.security
  const open = privileged || unmasked
  const seccomp = planSeccomp(input, capabilities)
  return {
    cgroupsPath: input.cgroupsPath,
    namespaces: planNamespaces(input),
    ...planIds(input.sandbox),
    resources: { ...planResources(spec.resources, host), ...deviceRules(input) },
    rootfsPropagation: rootPropagation(spec),
    maskedPaths: open ? [] : (spec.security.maskedPaths ?? maskedPaths),
    readonlyPaths: open ? [] : (spec.security.readonlyPaths ?? readonlyPaths),
    ...planDevices(input),
    ...(seccomp === undefined ? {} : { seccomp }),
  }
}

/** Nobody but these ids is known in the container: whoever else owns a file there is nobody. */
function planIds({ users }: PlanInput['sandbox']): Readonly<Record<string, unknown>> {
  if (users === undefined) return {}
  const mappings = ociIds(users)
  return { uidMappings: mappings, gidMappings: mappings }
}

function planDevices({ spec, devices, granted = [] }: PlanInput): Readonly<{ devices?: readonly HostDevice[] }> {
  const own = granted.map(({ device }) => device)
  const others = spec.security.privileged ? devices.filter(({ path }) => !own.some((one) => one.path === path)) : []
  return others.length + own.length === 0 ? {} : { devices: [...others, ...own] }
}

function planSeccomp({ spec, host, localSeccomp }: PlanInput, capabilities: readonly string[]): unknown {
  const { seccomp, privileged } = spec.security
  if (privileged || seccomp === 'Unconfined') return undefined
  return seccomp === 'RuntimeDefault' ? seccompProfile(capabilities, host.architecture) : localSeccomp
}

type OciNamespace = Readonly<{ type: string; path?: string }>

function planNamespaces(input: PlanInput): readonly OciNamespace[] {
  const { sandbox, host } = input
  const { netPath, utsPath, ipcPath, userPath } = sandbox.namespaces
  return [
    ...(userPath === undefined ? [] : [{ type: 'user', path: userPath }]),
    ...processNamespace(input),
    { type: 'mount' },
    ...(ipcPath === undefined ? [] : [{ type: 'ipc', path: ipcPath }]),
    ...(utsPath === undefined ? [] : [{ type: 'uts', path: utsPath }]),
    ...(netPath === undefined ? [] : [{ type: 'network', path: netPath }]),
    // With v1, other programs expect to see their whole path.
    ...(host.cgroups === 'v2' ? [{ type: 'cgroup' }] : []),
  ]
}

function processNamespace({ spec, sandbox, targetPid }: PlanInput): readonly OciNamespace[] {
  const { pidPath } = sandbox.namespaces
  const processes = spec.processes ?? sandbox.processes
  if (processes === 'node') return []
  if (processes === 'pod' && pidPath !== undefined) return [{ type: 'pid', path: pidPath }]
  return targetPid === undefined ? [{ type: 'pid' }] : [{ type: 'pid', path: `/proc/${targetPid}/ns/pid` }]
}

function deviceRules({ spec, host, granted = [] }: PlanInput): Readonly<{ devices?: readonly unknown[] }> {
  if (!guardsDevices(host)) return {}
  const allowed = granted.map(({ device: { type, major, minor }, access }) => ({
    allow: true,
    type,
    major,
    minor,
    access,
  }))
  return { devices: [{ allow: spec.security.privileged, access: 'rwm' }, ...allowed] }
}

/** The process of an exec: the container's own, with another program. */
export function planExec(container: OciProcess, args: readonly string[], terminal: boolean): OciProcess {
  const { env } = container
  const needsTerm = terminal && !env.some((pair) => pair.startsWith('TERM='))
  return { ...container, args, env: needsTerm ? [...env, 'TERM=xterm'] : env, terminal }
}
