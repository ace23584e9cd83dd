import type {
  linuxContainerResources,
  podSandbox,
  podSandboxConfig,
  podSandboxStatus,
} from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import type { CgroupResources, LinuxResources, Sandbox, SandboxSpec } from '../pod-runtime.ts'

/** Tells the sandboxes and containers of one cluster from those of others at the same runtime. */
export const clusterLabel = 'io.coracle.cluster'
/** What the sandbox was made with: whoever finds it again needs all of it to make containers in it. */
const specAnnotation = 'io.coracle.sandbox'

export type SandboxConfig = Sent<typeof podSandboxConfig>

/** Where the pods' cgroups are: '/coracle-NAME/kubepods/…'. */
export type CgroupPath = (path: string) => string

export function sandboxConfig(spec: SandboxSpec, cluster: string, cgroupPath: CgroupPath): SandboxConfig {
  const { pod, attempt, hostname, logDirectory, portMappings, cgroupParent, sysctls, privileged = false } = spec
  return {
    metadata: { ...pod, attempt },
    // On the host's network a name of its own would be the host's (the original's generatePodSandboxConfig).
    ...(spec.hostNetwork ? {} : { hostname }),
    logDirectory,
    portMappings: portMappings.map(({ hostIp = '', ...mapping }) => ({ ...mapping, hostIp })),
    labels: {
      [clusterLabel]: cluster,
      'io.kubernetes.pod.name': pod.name,
      'io.kubernetes.pod.namespace': pod.namespace,
      'io.kubernetes.pod.uid': pod.uid,
    },
    annotations: { [specAnnotation]: JSON.stringify(spec) },
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

/** What the sandbox and its containers share with each other and with the node. */
export function namespaceOptions({ hostNetwork, hostIpc = false, processes }: SandboxSpec) {
  return {
    network: hostNetwork ? 'NODE' : 'POD',
    ipc: hostIpc ? 'NODE' : 'POD',
    pid: processes === 'node' ? 'NODE' : processes === 'pod' ? 'POD' : 'CONTAINER',
  } as const
}

/** Undefined for one that was not made by us, or not by this version. */
export function sandboxSpecOf({ annotations }: Received<typeof podSandbox>): SandboxSpec | undefined {
  try {
    return JSON.parse(annotations[specAnnotation] ?? '') as SandboxSpec
  } catch {
    return undefined
  }
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
  return state === 'SANDBOX_READY' ? 'ready' : 'not-ready'
}

export function millisecondsOf(nanoseconds: number): number {
  return Math.floor(nanoseconds / 1e6)
}

/** Zero is what the runtime leaves as it is. */
export function criResources(resources: CgroupResources | LinuxResources): Sent<typeof linuxContainerResources> {
  const { cpuShares = 0, cpuQuotaUs = 0, cpuPeriodUs = 0, memoryLimitBytes = 0 } = resources
  return {
    cpuShares,
    cpuQuota: cpuQuotaUs,
    cpuPeriod: cpuPeriodUs,
    memoryLimitInBytes: memoryLimitBytes,
    ...('oomScoreAdj' in resources ? { oomScoreAdj: resources.oomScoreAdj } : {}),
  }
}
