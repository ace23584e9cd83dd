import type { Informer } from '../client/informer.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxFirewall } from '../host/linux/firewall.ts'
import { linuxLinks } from '../host/linux/links.ts'
import { makePodNetwork } from '../network/pod-network.ts'
import { startServiceProxy } from '../network/service-proxy.ts'
import type { Log } from '../ports/log.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'
import { bridgeNameOf } from './node-config.ts'
import { withPublishedPorts } from './node-network.ts'

export type EngineNetwork = Readonly<{
  network: PodNetwork
  /** Links and rules stay: containers go on. */
  stop(): Promise<void>
  /** Takes away every link and rule. */
  teardown(): Promise<void>
}>

/** RFC 5737's documentation range: there are no Services, and nobody else has these addresses. */
const noServices = '192.0.2.0/24'

/** The pods' bridge and published ports of an engine without a cluster. Throws when the machine refuses. */
export async function startEngineNetwork(
  name: string,
  podCidr: string,
  dataDirectory: string,
  log: Log,
): Promise<EngineNetwork> {
  const [links, firewall, disk, clock] = [linuxLinks(), linuxFirewall(), linuxDisk(), linuxClock()]
  const clusterCidrs = [podCidr]
  const config = {
    name,
    bridgeName: bridgeNameOf(name),
    podCidr,
    clusterCidrs,
    stateDirectory: `${dataDirectory}/network`,
  }
  const pods = await makePodNetwork({ links, firewall, disk, log, config })
  await pods.start()
  const proxy = startServiceProxy({
    informers: { services: nothing(), endpointSlices: nothing() },
    firewall,
    clock,
    log,
    config: { name, nodeName: name, clusterCidrs, serviceCidr: noServices },
  })
  return {
    network: withPublishedPorts(pods, proxy),
    stop: () => proxy.stop(),
    async teardown() {
      await proxy.teardown()
      await pods.teardown()
    },
  }
}

const nothing = <T>(): Informer<T> => ({
  get: () => undefined,
  list: () => [],
  indexed: () => [],
  resourceVersion: () => '',
  synced: () => true,
  whenSynced: async () => {},
  onChange: () => {},
  stop: () => {},
})
