import { ok, type Result } from '../../api/result.ts'
import type { containerConfig, idMapping, mount, podSandboxConfig } from '../../api/rpc/cri.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import type { GrpcFailure } from '../../ports/grpc.ts'
import { resourcesOf } from '../cri/resource-messages.ts'
import type { ContainerSpec, ImageMount, Mount, SandboxSpec } from '../pod-runtime.ts'
import type { CriSettings } from './cri-context.ts'
import { refuse } from './cri-failure.ts'
import { linuxSecurity } from './linux-security.ts'

type ContainerConfig = Received<typeof containerConfig>
type SandboxConfig = Received<typeof podSandboxConfig>
type MountMessage = Received<typeof mount>
type IdMapping = Received<typeof idMapping>

/** A wish for a container in the engine's terms. */
export function containerSpec(
  config: ContainerConfig,
  sandboxConfig: SandboxConfig,
  sandbox: SandboxSpec,
  { appArmor }: Pick<CriSettings, 'appArmor'>,
): Result<ContainerSpec, GrpcFailure> {
  const { metadata, image, linux } = config
  if (metadata === undefined) return refuse('InvalidArgument', 'container config must include metadata')
  const security = linuxSecurity(linux?.securityContext, appArmor)
  if (!security.ok) return security
  if (security.value.privileged && sandboxConfig.linux?.securityContext?.privileged !== true)
    return refuse('Unknown', 'no privileged container allowed in sandbox')
  const fault = config.mounts.map((one) => mountFault(one, sandbox)).find((text) => text !== undefined)
  if (fault !== undefined) return refuse('InvalidArgument', fault)
  return ok({
    name: metadata.name,
    attempt: metadata.attempt,
    image: image?.image ?? '',
    ...(config.command.length === 0 ? {} : { command: config.command }),
    ...(config.args.length === 0 ? {} : { args: config.args }),
    ...(config.workingDir === '' ? {} : { workingDir: config.workingDir }),
    env: config.envs.map(({ key, value }) => ({ name: key, value })),
    mounts: config.mounts.filter((one) => one.image === undefined).map(mountOf),
    imageMounts: config.mounts.flatMap((one) => imageMountOf(one) ?? []),
    devices: config.devices,
    cdiDevices: config.CDIDevices.map(({ name }) => name),
    ...processesOf(config, sandbox),
    ...(config.stopSignal === 'RUNTIME_DEFAULT' ? {} : { stopSignal: signalText(config.stopSignal) }),
    security: security.value,
    resources: resourcesOf(linux?.resources),
    logPath: logPathOf(config, sandboxConfig),
    stdin: config.stdin,
    stdinOnce: config.stdinOnce,
    tty: config.tty,
    labels: config.labels,
    annotations: config.annotations,
  })
}

/** Without a log directory nobody reads: what is written is not kept. */
function logPathOf({ logPath }: ContainerConfig, { logDirectory }: SandboxConfig): string {
  return logPath === '' || logDirectory === '' ? '' : `${logDirectory.replace(/\/+$/, '')}/${logPath}`
}

const propagations = {
  PROPAGATION_PRIVATE: 'private',
  PROPAGATION_HOST_TO_CONTAINER: 'host-to-container',
  PROPAGATION_BIDIRECTIONAL: 'bidirectional',
} as const

function mountOf({ hostPath, containerPath, readonly, propagation, recursiveReadOnly }: MountMessage): Mount {
  return {
    hostPath,
    containerPath,
    readOnly: readonly,
    propagation: propagations[propagation],
    ...(recursiveReadOnly ? { recursiveReadOnly } : {}),
  }
}

function imageMountOf({ image, containerPath, imageSubPath }: MountMessage): ImageMount | undefined {
  return image === undefined ? undefined : { image: image.image, containerPath, subPath: imageSubPath }
}

/** Worded as containerd words them. */
function mountFault(
  { recursiveReadOnly, readonly, propagation, image, hostPath, uidMappings, gidMappings }: MountMessage,
  { users }: SandboxSpec,
) {
  if (recursiveReadOnly && !readonly) return 'recursive read-only mount needs to be read-only'
  if (recursiveReadOnly && propagation !== 'PROPAGATION_PRIVATE')
    return 'recursive read-only mount needs private propagation'
  if (image !== undefined && !readonly) return 'image volume must be read-only'
  if (image === undefined && !hostPath.startsWith('/')) return `invalid host path ${JSON.stringify(hostPath)}`
  const isMapped = ({ hostId, containerId, length }: IdMapping) =>
    users !== undefined && hostId === users.firstId && containerId === 0 && length === users.count
  return [...uidMappings, ...gidMappings].every(isMapped)
    ? undefined
    : 'a mount with other id mappings than those of its sandbox is not supported'
}

/** Whose processes it sees, where it says other than its sandbox. */
function processesOf({ linux }: ContainerConfig, sandbox: SandboxSpec): Pick<ContainerSpec, 'processes' | 'targetId'> {
  const options = linux?.securityContext?.namespaceOptions
  if (options === undefined) return {}
  if (options.pid === 'TARGET') return { targetId: options.targetId }
  const wanted = options.pid === 'NODE' ? 'node' : options.pid === 'POD' ? 'pod' : 'own'
  return wanted === (sandbox.processes ?? 'own') ? {} : { processes: wanted }
}

/** 'SIGRTMINPLUS3' → 'SIGRTMIN+3' */
export function signalText(signal: ContainerConfig['stopSignal']): string {
  return signal.replace('PLUS', '+').replace('MINUS', '-')
}
