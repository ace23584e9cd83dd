import type { linuxContainerResources } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import type { LinuxResources } from '../pod-runtime.ts'

type Message = typeof linuxContainerResources

/** In a message, zero and empty mean: not said. */
export function resourcesOf(message: Received<Message> | undefined): LinuxResources {
  if (message === undefined) return { oomScoreAdj: 0 }
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimitInBytes, memorySwapLimitInBytes, oomScoreAdj } = message
  const { cpusetCpus, cpusetMems, hugepageLimits, unified } = message
  return {
    oomScoreAdj,
    ...(cpuShares === 0 ? {} : { cpuShares }),
    ...(cpuQuota === 0 ? {} : { cpuQuotaUs: cpuQuota }),
    ...(cpuPeriod === 0 ? {} : { cpuPeriodUs: cpuPeriod }),
    ...(memoryLimitInBytes === 0 ? {} : { memoryLimitBytes: memoryLimitInBytes }),
    ...(memorySwapLimitInBytes === 0 ? {} : { memorySwapLimitBytes: memorySwapLimitInBytes }),
    ...(cpusetCpus === '' ? {} : { cpusetCpus }),
    ...(cpusetMems === '' ? {} : { cpusetMems }),
    ...(hugepageLimits.length === 0
      ? {}
      : { hugepageLimits: hugepageLimits.map(({ pageSize, limit }) => ({ pageSize, limitBytes: limit })) }),
    ...(Object.keys(unified).length === 0 ? {} : { unified }),
  }
}

export function resourcesMessage(resources: LinuxResources): Sent<Message> {
  const { hugepageLimits = [] } = resources
  return {
    cpuShares: resources.cpuShares,
    cpuQuota: resources.cpuQuotaUs,
    cpuPeriod: resources.cpuPeriodUs,
    memoryLimitInBytes: resources.memoryLimitBytes,
    memorySwapLimitInBytes: resources.memorySwapLimitBytes,
    oomScoreAdj: resources.oomScoreAdj,
    cpusetCpus: resources.cpusetCpus,
    cpusetMems: resources.cpusetMems,
    hugepageLimits: hugepageLimits.map(({ pageSize, limitBytes }) => ({ pageSize, limit: limitBytes })),
    unified: resources.unified,
  }
}
