import { type SimProcess, simProcess } from '../host/sim/process.ts'
import type { Accept } from '../host/sim/streams.ts'
import type { Workloads } from '../host/sim/workload.ts'
import { defaultConfiguration, type KubeletConfiguration } from '../kubelet/configuration/kubelet-configuration.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import { nthAddress } from './network-addresses.ts'
import { startNode } from './node.ts'
import type { NodeConfig } from './node-config.ts'
import { startPodNetwork } from './node-network.ts'
import { openEngine } from './node-runtime.ts'
import { simHardware, simMachine, simNodeHost } from './sim-node-host.ts'

/** A node of a simulated cluster: hardware, and the process that runs on it. */
export interface SimMachine {
  readonly name: string
  /** False from its death or loss of power until it is started again. */
  isOn(): boolean
  /** Starts its process, which registers the node. */
  start(): void
  /** kill -9 of the process: disk, containers and network stay. */
  killProcess(): void
  losePower(): void
  /** Its kubelet's API, while it runs. */
  handler(): HttpHandler | undefined
}

export type SimMachineParts = Readonly<{
  clock: Clock
  random: Random
  log: Log
  workloads: Workloads
  registry: HttpHandler
  /** Takes the connections to pods; absent: they are refused. */
  servers?: Accept
  /** Addresses of Services; absent: simServiceCidr. */
  serviceCidr?: string
  /** Of its kubelet; absent: the defaults. */
  configuration?: KubeletConfiguration
  /** Crosses the network to the API server. */
  api: HttpHandler
  /** What a process must not end with: an error that nobody caught. */
  onError: (error: unknown) => void
}>

export const simServiceCidr = '10.96.0.0/16'

export function makeSimMachine(parts: SimMachineParts, ordinal: number): SimMachine {
  const { random, log, registry, servers, configuration = defaultConfiguration } = parts
  const name = `node-${ordinal + 1}`
  const config = configOf(name, ordinal, parts.serviceCidr ?? simServiceCidr)
  // Power is a process of its own: with it end the timers of all that the hardware has under way.
  let power = simProcess()
  let process: SimProcess | undefined
  let handler: HttpHandler | undefined
  const hardware = simHardware({ ...parts, clock: switched(parts.clock, () => power) })
  const run = async (own: SimProcess): Promise<void> => {
    const host = simNodeHost({
      hardware,
      process: own,
      random,
      log,
      registry,
      ...(servers === undefined ? {} : { servers }),
    })
    const network = await startPodNetwork(host, config)
    const node = await startNode(
      {
        host,
        config,
        machine: simMachine,
        api: own.reach(parts.api),
        configuration,
        openRuntime: openEngine(host, config),
      },
      network,
    )
    handler = own.serve(node.kubelet.handler)
  }
  const end = (): void => {
    process?.kill()
    handler = undefined
  }
  return {
    name,
    isOn: () => power.isAlive(),
    start() {
      if (!power.isAlive()) power = simProcess()
      process = simProcess()
      run(process).catch(parts.onError)
    },
    killProcess() {
      end()
      hardware.processDied()
    },
    losePower() {
      end()
      power.kill()
      hardware.losePower()
    },
    handler: () => handler,
  }
}

/** Timers of a machine, as long as it has the power that they were started under. */
function switched(clock: Clock, power: () => SimProcess): Clock {
  const present = (): Clock => power().clock(clock)
  return {
    nowMs: clock.nowMs,
    monotonicMs: clock.monotonicMs,
    after: (delayMs, run) => present().after(delayMs, run),
    sleep: (delayMs) => present().sleep(delayMs),
  }
}

function configOf(name: string, ordinal: number, serviceCidr: string): NodeConfig {
  const podCidr = `${nthAddress('10.128.0.0/9', ordinal * 256)}/24`
  return {
    instanceName: name,
    engineName: name,
    nodeName: name,
    bridgeName: 'coracle0',
    podCidr,
    clusterCidrs: [podCidr],
    serviceCidr,
    dnsIp: nthAddress(serviceCidr, 10),
    servesDns: ordinal === 0,
    dataDirectory: '/data',
    runDirectory: '/run/coracle',
  }
}
