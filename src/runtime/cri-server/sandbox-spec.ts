import { ok, type Result } from '../../api/result.ts'
import type { dnsConfig, namespaceOption, podSandboxConfig, userNamespace } from '../../api/rpc/cri.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import type { GrpcFailure } from '../../ports/grpc.ts'
import type { SandboxSpec } from '../pod-runtime.ts'
import type { CriSettings } from './cri-context.ts'
import { refuse } from './cri-failure.ts'

type SandboxConfig = Received<typeof podSandboxConfig>

/** Texts of the machine's own files. */
export type HostTexts = Readonly<{ resolvConf: string; hosts: string }>

/** A wish for a sandbox in the engine's terms. */
export function sandboxSpec(
  config: SandboxConfig,
  handler: string,
  { hostname, cgroupParent }: Pick<CriSettings, 'hostname' | 'cgroupParent'>,
  host: HostTexts,
): Result<SandboxSpec, GrpcFailure> {
  const { metadata, linux } = config
  if (metadata === undefined) return refuse('InvalidArgument', 'sandbox config must include metadata')
  const options = linux?.securityContext?.namespaceOptions
  const fault = namespaceFault(options)
  if (fault !== undefined) return refuse('InvalidArgument', fault)
  const users = usersOf(options)
  const parent =
    linux?.cgroupParent === undefined || linux.cgroupParent === ''
      ? `${cgroupParent}/${podFolder(metadata)}`
      : linux.cgroupParent
  if (!/^\/?[\w:-][\w.:-]*(\/[\w:-][\w.:-]*)*\/?$/.test(parent))
    return refuse('InvalidArgument', `invalid cgroup parent ${JSON.stringify(parent)}`)
  const name = config.hostname === '' ? hostname : config.hostname
  const processes = options?.pid ?? 'POD'
  return ok({
    pod: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
    attempt: metadata.attempt,
    hostname: name,
    hostNetwork: options?.network === 'NODE',
    hostIpc: options?.ipc === 'NODE',
    ...(processes === 'NODE' ? { processes: 'node' } : processes === 'POD' ? { processes: 'pod' } : {}),
    cgroupParent: parent,
    logDirectory: config.logDirectory,
    ...(users === undefined ? {} : { users }),
    ...(handler === '' ? {} : { handler }),
    sysctls: linux?.sysctls ?? {},
    labels: config.labels,
    annotations: config.annotations,
    files: { hostname: `${name}\n`, hosts: host.hosts, 'resolv.conf': resolvConf(config.dnsConfig) ?? host.resolvConf },
    portMappings: config.portMappings
      .filter(({ hostPort }) => hostPort > 0)
      .map(({ hostPort, containerPort, protocol, hostIp }) => ({
        hostPort,
        containerPort,
        protocol,
        ...(hostIp === '' ? {} : { hostIp }),
      })),
  })
}

/** Letters that no cgroup's name can have are left out. */
function podFolder({ uid, name, attempt }: Readonly<{ uid: string; name: string; attempt: number }>): string {
  return `pod${`${uid}-${name}-${attempt}`.replace(/[^\w-]/g, '')}`
}

function namespaceFault(options: Received<typeof namespaceOption> | undefined): string | undefined {
  if (options === undefined) return undefined
  const { network, pid, ipc, usernsOptions } = options
  if (network === 'CONTAINER' || network === 'TARGET') return `unsupported network namespace mode ${network}`
  if (ipc === 'CONTAINER' || ipc === 'TARGET') return `unsupported ipc namespace mode ${ipc}`
  if (pid === 'TARGET') return 'a sandbox has no target for its process namespace'
  return usernsOptions?.mode === 'POD' ? mappingFault(usernsOptions) : modeFault(usernsOptions?.mode)
}

function modeFault(mode = 'NODE'): string | undefined {
  return mode === 'NODE' ? undefined : `unsupported user namespace mode: ${JSON.stringify(mode)}`
}

/** One mapping for both, from its root on: what kubelets ask for, and containerd takes. */
function mappingFault({ uids, gids }: Received<typeof userNamespace>): string | undefined {
  const [uid, ...furtherUids] = uids
  const [gid, ...furtherGids] = gids
  if (uid === undefined || gid === undefined || furtherUids.length + furtherGids.length > 0)
    return 'only one uid mapping and one gid mapping are supported'
  if (uid.hostId !== gid.hostId || uid.containerId !== gid.containerId || uid.length !== gid.length)
    return 'different mappings of uids and gids are not supported'
  if (uid.containerId !== 0) return 'mappings must begin with the root of the container'
  return uid.length === 0 ? 'a mapping must have some ids' : undefined
}

function usersOf(options: Received<typeof namespaceOption> | undefined): SandboxSpec['users'] {
  const [mapping] = options?.usernsOptions?.mode === 'POD' ? options.usernsOptions.uids : []
  return mapping === undefined ? undefined : { firstId: mapping.hostId, count: mapping.length }
}

/** The lines in containerd's order; undefined when nothing is asked for. */
function resolvConf(dns: Received<typeof dnsConfig> | undefined): string | undefined {
  if (dns === undefined) return undefined
  const { servers, searches, options } = dns
  const lines = [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
  ]
  return lines.length === 0 ? undefined : `${lines.join('\n')}\n`
}
