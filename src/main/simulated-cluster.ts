import { kubernetesVersion } from '../api/kubernetes-version.ts'
import { simRandom } from '../host/sim/random.ts'
import { type ClusterParts, clusterPki, listenOn, nodesReady, type RunningCluster, serverOf } from './cluster.ts'
import { type ControlPlane, type ControlPlaneConfig, startControlPlane } from './control-plane.ts'
import { readKubeletConfiguration } from './kubelet-config-file.ts'
import { nthAddress } from './network-addresses.ts'
import type { Pki } from './pki.ts'
import { makeSimMachine, type SimMachine } from './sim-machine.ts'
import { standInInternet, standInServer, standInWorkloads } from './stand-in.ts'

/**
 * The real API server, controllers and scheduler, on the real clock and disk, with nodes that exist only in memory: each has a kubelet,
 * an engine and a network of its own over simulated hardware. What the nodes ran is lost with the process, as if all had lost power;
 * the store is not.
 */
export async function startSimulatedCluster(parts: ClusterParts): Promise<RunningCluster> {
  const { host, settings, onFatal, onStep } = parts
  const machines = new Map<string, SimMachine>()
  const pki = await clusterPki(parts)
  const controlPlane = await startControlPlane({
    host,
    nodeHandler: (name) => machines.get(name)?.handler(),
    onFatal,
    config: controlPlaneConfig(parts, pki),
  })
  const listeners = await listenOn(host, settings.apiPort, pki, controlPlane.handler, ['127.0.0.1'])
  onStep(`API server listening on ${serverOf(settings)}`)
  onStep(`Starting ${settings.simulatedNodes} simulated nodes: pods are said to run on them, but no container does`)
  for (const machine of makeMachines(parts, controlPlane)) {
    machines.set(machine.name, machine)
    machine.start()
  }
  return {
    server: serverOf(settings),
    version: kubernetesVersion,
    informers: controlPlane.informers,
    whenReady: () => nodesReady(controlPlane.informers, [...machines.keys()]),
    async stop() {
      await Promise.all(listeners.map((listener) => listener.close(500)))
      for (const machine of machines.values()) machine.losePower()
      await controlPlane.stop()
    },
  }
}

function makeMachines({ host, settings, onFatal }: ClusterParts, { handler }: ControlPlane): readonly SimMachine[] {
  const registry = standInInternet()
  const configuration = readKubeletConfiguration(settings.kubeletConfig)
  return Array.from({ length: settings.simulatedNodes }, (_, ordinal) =>
    makeSimMachine(
      {
        clock: host.clock,
        // A seed for each node: none waits on, or is like, another.
        random: simRandom(host.random.below(2 ** 32)),
        log: host.log,
        workloads: standInWorkloads,
        registry,
        servers: standInServer,
        serviceCidr: settings.serviceCidr,
        configuration,
        api: handler,
        onError: (error) => onFatal(error instanceof Error ? error : new Error(String(error))),
      },
      ordinal,
    ),
  )
}

/** No cluster DNS: no pod could ask it. */
function controlPlaneConfig({ instance, settings }: ClusterParts, pki: Pki): ControlPlaneConfig {
  return {
    storeDirectory: `${instance.dataDirectory}/store`,
    pki,
    serviceCidr: settings.serviceCidr,
    security: settings.security,
    nodePorts: { first: settings.nodePortFirst, last: settings.nodePortLast },
    advertise: { address: nthAddress(settings.podCidr, 1), port: settings.apiPort },
  }
}
