import { parseCpuSet } from '../topology/cpu-set.ts'
import type { KubeletConfiguration } from './kubelet-configuration.ts'

const policies: readonly string[] = ['none', 'best-effort', 'restricted', 'single-numa-node']

export function topologyFaults(configuration: KubeletConfiguration): readonly string[] {
  const { topologyManagerPolicy: policy, topologyManagerScope: scope, reservedSystemCPUs: reserved } = configuration
  const parsed = parseCpuSet(reserved)
  const faults: string[] = []
  if (!policies.includes(policy))
    faults.push(
      `topologyManagerPolicy (--topology-manager-policy) ${JSON.stringify(policy)} must be one of: [${policies.map((one) => JSON.stringify(one)).join(' ')}]`,
    )
  if (scope !== 'container' && scope !== 'pod')
    faults.push(
      `topologyManagerScope (--topology-manager-scope) ${JSON.stringify(scope)} must be one of: "container", or "pod"`,
    )
  if (!parsed.ok)
    faults.push(`unable to parse reservedSystemCPUs (--reserved-cpus) ${reserved}, error: ${parsed.error}`)
  return faults
}

/** Processors that are named count in place of amounts. */
export function reservedByName({
  reservedSystemCPUs,
  systemReserved,
  kubeReserved,
}: KubeletConfiguration): Partial<KubeletConfiguration> {
  const parsed = parseCpuSet(reservedSystemCPUs)
  if (!parsed.ok || parsed.value.length === 0) return {}
  const { cpu: _, ...others } = kubeReserved
  return { systemReserved: { ...systemReserved, cpu: String(parsed.value.length) }, kubeReserved: others }
}
