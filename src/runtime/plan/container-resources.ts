import type { HostFacts } from '../../ports/containers.ts'
import type { LinuxResources } from '../pod-runtime.ts'

/** linux.resources of the runtime's configuration, but for its devices. Zero means: not said (CRI). */
export function planResources(
  resources: LinuxResources,
  { cgroups, boundsHugePages }: HostFacts,
): Readonly<Record<string, unknown>> {
  const { cpuShares, cpuQuotaUs, cpuPeriodUs, cpusetCpus, cpusetMems, pidsLimit, hugepageLimits = [] } = resources
  return {
    cpu: {
      ...(said(cpuShares) ? { shares: cpuShares } : {}),
      // None is what there is at first; some runtimes cannot say it.
      ...(said(cpuQuotaUs) && cpuQuotaUs > 0 ? { quota: cpuQuotaUs } : {}),
      ...(said(cpuPeriodUs) ? { period: cpuPeriodUs } : {}),
      ...(said(cpusetCpus) ? { cpus: cpusetCpus } : {}),
      ...(said(cpusetMems) ? { mems: cpusetMems } : {}),
    },
    ...planMemory(resources, cgroups),
    ...(pidsLimit === undefined || pidsLimit <= 0 ? {} : { pids: { limit: pidsLimit } }),
    // Kubelets bound pages of every size; where nothing can, there are hardly any (containerd: tolerate_missing_hugetlb_controller).
    ...(hugepageLimits.length === 0 || !boundsHugePages
      ? {}
      : { hugepageLimits: hugepageLimits.map(({ pageSize, limitBytes }) => ({ pageSize, limit: limitBytes })) }),
    // Kubernetes: all processes of a container end together when one of them is killed for want of memory.
    ...(cgroups === 'v2' ? { unified: { 'memory.oom.group': '1', ...resources.unified } } : {}),
  }
}

function planMemory(
  { memoryLimitBytes, memorySwapLimitBytes }: LinuxResources,
  cgroups: HostFacts['cgroups'],
): Readonly<Record<string, unknown>> {
  if (memoryLimitBytes === undefined || memoryLimitBytes <= 0) return {}
  const swap = said(memorySwapLimitBytes) ? memorySwapLimitBytes : memoryLimitBytes
  // With v1, a kernel may be without an account of swap, and refuses a limit then.
  return { memory: { limit: memoryLimitBytes, ...(cgroups === 'v2' ? { swap } : {}) } }
}

function said<T extends number | string>(value: T | undefined): value is T {
  return value !== undefined && value !== 0 && value !== ''
}
