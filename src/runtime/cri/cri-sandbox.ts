import type { podSandbox, podSandboxConfig, podSandboxStatus } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import type { Sandbox, SandboxSpec } from '../pod-runtime.ts'
import { namespaceOptions, sandboxStates } from './pod-messages.ts'

/** Tells the sandboxes and containers of one cluster from those of others at the same runtime. */
export const clusterLabel = 'io.coracle.cluster'
/** What the sandbox was made with: whoever finds it again needs all of it to make containers in it. */
const specAnnotation = 'io.coracle.sandbox'

export type SandboxConfig = Sent<typeof podSandboxConfig>

/** Where the pods' cgroups are: '/coracle-NAME/kubepods/…'. */
export type CgroupPath = (path: string) => string

export function sandboxConfig(spec: SandboxSpec, cluster: string, cgroupPath: CgroupPath): SandboxConfig {
  const { pod, attempt, hostname, logDirectory, portMappings, cgroupParent, sysctls, privileged = false } = spec
  const { labels: _, annotations: __, ...rest } = spec
  return {
    metadata: { ...pod, attempt },
    // On the host's network a name of its own would be the host's (the original's generatePodSandboxConfig).
    ...(spec.hostNetwork ? {} : { hostname }),
    logDirectory,
    portMappings: portMappings.map(({ hostIp = '', ...mapping }) => ({ ...mapping, hostIp })),
    labels: {
      ...spec.labels,
      [clusterLabel]: cluster,
      'io.kubernetes.pod.name': pod.name,
      'io.kubernetes.pod.namespace': pod.namespace,
      'io.kubernetes.pod.uid': pod.uid,
    },
    annotations: { ...spec.annotations, [specAnnotation]: JSON.stringify(rest) },
    linux: {
      cgroupParent: cgroupPath(cgroupParent),
      sysctls,
      securityContext: {
        privileged,
        namespaceOptions: namespaceOptions(spec),
        seccomp: { profileType: 'RuntimeDefault' },
      },
    },
  }
}

/** Undefined for one that was not made by us, or not by this version. */
export function sandboxSpecOf({ annotations, labels }: Received<typeof podSandbox>): SandboxSpec | undefined {
  try {
    const { [specAnnotation]: rest = '', ...told } = annotations
    return { ...(JSON.parse(rest) as SandboxSpec), labels: withoutOwn(labels), annotations: told }
  } catch {
    return undefined
  }
}

function withoutOwn(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = [clusterLabel, 'io.kubernetes.pod.name', 'io.kubernetes.pod.namespace', 'io.kubernetes.pod.uid']
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !own.includes(name)))
}

export function sandboxOf(status: Received<typeof podSandboxStatus>, { hostNetwork }: SandboxSpec): Sandbox {
  const { id, metadata, createdAt, network } = status
  const { name = '', namespace = '', uid = '', attempt = 0 } = metadata ?? {}
  const addresses = [network?.ip ?? '', ...(network?.additionalIps ?? []).map(({ ip }) => ip)]
  return {
    id,
    pod: { name, namespace, uid },
    attempt,
    state: sandboxStateOf(status),
    createdAtMs: millisecondsOf(createdAt),
    ips: hostNetwork ? [] : addresses.filter((address) => address !== ''),
    hostNetwork,
  }
}

export function sandboxStateOf({ state }: Pick<Received<typeof podSandbox>, 'state'>): Sandbox['state'] {
  return state === sandboxStates.ready ? 'ready' : 'not-ready'
}

export function millisecondsOf(nanoseconds: number): number {
  return Math.floor(nanoseconds / 1e6)
}
