import type { containerConfig, containerStatus, linuxContainerSecurityContext } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import { maskedPaths, readonlyPaths } from '../plan/plan-container.ts'
import type { Container, ContainerSpec, LinuxSecurity, Sandbox, SandboxSpec } from '../pod-runtime.ts'
import { clusterLabel, millisecondsOf } from './cri-sandbox.ts'
import { criSignal } from './cri-signal.ts'
import { containerStates, imageMountMessage, mountMessage, namespaceOptions } from './pod-messages.ts'
import { resourcesMessage } from './resource-messages.ts'

/** What a container's status does not tell of it, or in other words: of an image, runtimes tell the first of its full names. */
const ownAnnotation = 'io.coracle.container'
type Own = Readonly<Pick<ContainerSpec, 'image' | 'stdin' | 'tty'>>

export function criContainerConfig(
  spec: ContainerSpec,
  sandbox: SandboxSpec,
  cluster: string,
): Sent<typeof containerConfig> {
  const { name, attempt, image, command = [], args = [], workingDir = '', env, stdin, stdinOnce, tty } = spec
  return {
    metadata: { name, attempt },
    image: { image, userSpecifiedImage: image },
    command,
    args,
    workingDir,
    envs: env.map(({ name: key, value }) => ({ key, value })),
    mounts: [
      ...spec.mounts.map((mount) => mountMessage(mount, sandbox.users)),
      ...(spec.imageMounts ?? []).map(imageMountMessage),
    ],
    labels: { ...spec.labels, [clusterLabel]: cluster },
    annotations: { ...spec.annotations, [ownAnnotation]: JSON.stringify({ image, stdin, tty } satisfies Own) },
    devices: (spec.devices ?? []).map(({ permissions, ...device }) => ({
      ...device,
      permissions: permissions || 'rwm',
    })),
    CDIDevices: (spec.cdiDevices ?? []).map((device) => ({ name: device })),
    logPath: spec.logPath.slice(sandbox.logDirectory.length + 1),
    stdin,
    stdinOnce,
    tty,
    ...(spec.stopSignal === undefined ? {} : { stopSignal: criSignal(spec.stopSignal) }),
    linux: { resources: resourcesMessage(spec.resources), securityContext: securityContext(spec, sandbox) },
  }
}

function securityContext(
  { security, targetId }: ContainerSpec,
  sandbox: SandboxSpec,
): Sent<typeof linuxContainerSecurityContext> {
  const { runAsUser, runAsGroup, runAsUserName = '', unmasked } = security
  const target = targetId === undefined ? {} : ({ pid: 'TARGET', targetId } as const)
  return {
    privileged: security.privileged,
    namespaceOptions: { ...namespaceOptions(sandbox), ...target },
    capabilities: { addCapabilities: security.addCapabilities, dropCapabilities: security.dropCapabilities },
    ...(runAsUser === undefined ? {} : { runAsUser: { value: runAsUser } }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    runAsUsername: runAsUserName,
    supplementalGroups: security.supplementalGroups,
    supplementalGroupsPolicy: security.onlyGivenGroups ? 'Strict' : 'Merge',
    readonlyRootfs: security.readOnlyRootFilesystem,
    noNewPrivs: !security.allowPrivilegeEscalation,
    maskedPaths: unmasked ? [] : (security.maskedPaths ?? maskedPaths),
    readonlyPaths: unmasked ? [] : (security.readonlyPaths ?? readonlyPaths),
    seccomp: profileMessage(security.seccomp),
    ...(security.appArmor === undefined ? {} : { apparmor: profileMessage(security.appArmor) }),
  }
}

function profileMessage(profile: LinuxSecurity['seccomp']) {
  return typeof profile === 'string'
    ? { profileType: profile }
    : ({ profileType: 'Localhost', localhostRef: profile.localhostProfile } as const)
}

const states = new Map<string, Container['state']>(
  (['created', 'running', 'exited', 'unknown'] as const).map((state) => [containerStates[state], state]),
)

export function stateOf({ state }: Readonly<{ state: string }>): Container['state'] {
  return states.get(state) ?? 'unknown'
}

export function containerOf(status: Received<typeof containerStatus>, sandbox: Pick<Sandbox, 'id' | 'pod'>): Container {
  const { id, metadata, state, image, imageRef, createdAt, startedAt, finishedAt, logPath, labels } = status
  const own = ownOf(status)
  const begun = state === 'CONTAINER_RUNNING' || state === 'CONTAINER_EXITED'
  return {
    id,
    sandboxId: sandbox.id,
    pod: sandbox.pod,
    name: metadata?.name ?? '',
    attempt: metadata?.attempt ?? 0,
    image: own?.image ?? image?.image ?? '',
    imageId: imageRef,
    state: stateOf({ state }),
    createdAtMs: millisecondsOf(createdAt),
    ...(begun ? { startedAtMs: millisecondsOf(startedAt) } : {}),
    ...(state === 'CONTAINER_EXITED' ? endOf(status, finishedAt) : {}),
    logPath,
    tty: own?.tty ?? false,
    stdin: own?.stdin ?? false,
    labels,
  }
}

function ownOf({ annotations }: Received<typeof containerStatus>): Own | undefined {
  try {
    return JSON.parse(annotations[ownAnnotation] ?? '') as Own
  } catch {
    return undefined
  }
}

function endOf({ exitCode, reason, message }: Received<typeof containerStatus>, finishedAt: number) {
  return {
    finishedAtMs: millisecondsOf(finishedAt),
    exitCode,
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
  }
}
