import { quantityMilli } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { KubeletConfig } from '../kubelet-config.ts'
import { amountOf } from '../qos-class.ts'
import { type CpuSet, parseCpuSet } from './cpu-set.ts'
import { allCpus, type CpuTopology, plainTopology } from './cpu-topology.ts'
import type { CpuRules } from './exclusive-cpus.ts'
import { cpuOptions } from './policy-options.ts'
import { takeCpus } from './take-cpus.ts'

type Config = Pick<KubeletConfig, 'configuration' | 'topology' | 'capacity'>

export function topologyOf({ topology, capacity }: Pick<Config, 'topology' | 'capacity'>): CpuTopology {
  return topology ?? plainTopology(Math.floor(capacity.cpus))
}

/** How a configuration has processors given out on this machine; undefined: not at all. Errors are the original's. */
export function cpuRules(config: Config): Result<CpuRules | undefined, string> {
  const { cpuManagerPolicy, cpuManagerPolicyOptions, systemReserved, kubeReserved } = config.configuration
  if (cpuManagerPolicy === 'none') return ok(undefined)
  if (cpuManagerPolicy !== 'static') return fail(`unknown policy: ${JSON.stringify(cpuManagerPolicy)}`)
  const options = cpuOptions(cpuManagerPolicyOptions)
  if (!options.ok) return options
  const topology = topologyOf(config)
  const milli = [systemReserved, kubeReserved].reduce(
    (sum, amounts) => sum + Number(quantityMilli(amountOf(amounts, 'cpu'))),
    0,
  )
  if (milli === 0)
    return fail('[cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero')
  const reserved = reservedCpus(config, topology, Math.ceil(milli / 1000))
  if (!reserved.ok) return reserved
  return ok({ topology, reserved: reserved.value, ...options.value })
}

function reservedCpus(
  { configuration }: Pick<Config, 'configuration'>,
  topology: CpuTopology,
  count: number,
): Result<CpuSet, string> {
  const named = parseCpuSet(configuration.reservedSystemCPUs)
  if (!named.ok) return named
  const reserved = named.value.length > 0 ? named : takeCpus(topology, allCpus(topology), count)
  if (!reserved.ok || reserved.value.length !== count)
    return fail(
      `[cpumanager] unable to reserve the required amount of CPUs (size of ${reserved.ok ? reserved.value.join(',') : ''} did not equal ${count})`,
    )
  const all = allCpus(topology)
  const foreign = reserved.value.find((cpu) => !all.includes(cpu))
  return foreign === undefined
    ? reserved
    : fail(`[cpumanager] unable to build the reserved physical CPUs from the reserved set: unknown CPU ID: ${foreign}`)
}
