/** A processor's time in the terms of cgroup v1, as Kubernetes computes them. */
export const cpuPeriodUs = 100_000
const leastQuotaUs = 1_000
export const leastShares = 2
const mostShares = 262_144

export function quotaOf(milli: number): number {
  return Math.max(leastQuotaUs, Math.floor((milli * cpuPeriodUs) / 1000))
}

export function sharesOf(milli: number): number {
  return Math.min(mostShares, Math.max(leastShares, Math.floor((milli * 1024) / 1000)))
}
