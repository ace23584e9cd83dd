import { kinds } from '../api/kinds.ts'
import type { Client } from '../client/client.ts'
import { makeClient } from '../client/http-client.ts'
import { type SimClock, simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { type HttpFaults, noHttpFaults, type SimHttp, simHttp } from '../host/sim/http.ts'
import { simKeys } from '../host/sim/keys.ts'
import { type LogLine, simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import type { Workloads } from '../host/sim/workload.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { Random } from '../ports/random.ts'
import { type Seen, unconverged, violations } from '../sim/checkers.ts'
import { deploymentManifest, type Scenario } from '../sim/scenario.ts'
import { traceStore } from '../sim/trace.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import type { Host } from './host.ts'
import { nthAddress } from './network-addresses.ts'
import { startNode, startPodNetwork } from './node.ts'
import type { NodeConfig } from './node-config.ts'
import { openPki } from './pki.ts'
import { simMachine, simNodeHost } from './sim-node-host.ts'

export type Outcome = Readonly<{
  /** Of the whole history that the store saw. */
  digest: string
  events: number
  /** What was not as asked for at the end; empty: converged. */
  unconverged: readonly string[]
  /** What must never have been. */
  violations: readonly string[]
  log: readonly LogLine[]
  tookVirtualMs: number
}>

/** Latency, lost requests, lost answers and broken watches between nodes and API server, until the calm. */
const stormyNetwork: HttpFaults = { latencyMs: 20, loseRequestOneIn: 50, loseAnswerOneIn: 50, cutStreamOneIn: 3 }
const serviceCidr = '10.96.0.0/16'
const checkEveryMs = 1_000

type World = Readonly<{
  clock: SimClock
  random: Random
  host: Host & Readonly<{ log: ReturnType<typeof simLog> }>
  controlPlane: ControlPlane
  admin: Client
  network: SimHttp
  stopped: AbortController
}>
type Machine = Readonly<{ name: string; die(): void }>

/** Runs the scenario from nothing to its deadline, or until all has converged after the calm. The same seed gives the same outcome, byte for byte. */
export async function simulate(scenario: Scenario, seed: number): Promise<Outcome> {
  const clock = simClock()
  const startMs = clock.nowMs()
  const running = run(scenario, clock, simRandom(seed))
  let outcome: Outcome | undefined
  let failure: unknown
  running.then(
    (value) => {
      outcome = value
    },
    (error: unknown) => {
      failure = error
    },
  )
  // Some way past the deadline, so that a run that hangs shows as one that did not end.
  await clock.runUntilTrue(() => outcome !== undefined || failure !== undefined, startMs + scenario.deadlineMs + 60_000)
  if (failure !== undefined) throw failure
  if (outcome === undefined) throw new Error(`seed ${seed} did not end`)
  return outcome
}

async function run(scenario: Scenario, clock: SimClock, random: Random): Promise<Outcome> {
  const startMs = clock.nowMs()
  const atMs = (ms: number): Promise<void> => clock.sleep(startMs + ms - clock.nowMs())
  const handlers = new Map<string, HttpHandler>()
  const faults = { ...stormyNetwork }
  const world = await startWorld(clock, random, handlers, faults)
  const trace = traceStore(world.controlPlane.store, world.host.keys)
  const isCalm = (): boolean => clock.nowMs() >= startMs + scenario.calmFromMs
  const workloads = crashingWorkloads(scenario, random, isCalm)
  const machines = await Promise.all(
    Array.from({ length: scenario.nodes }, (_, i) => startMachine(world, handlers, workloads, i)),
  )
  for (const deployment of scenario.deployments)
    must(await world.admin.create(kinds.deployments, deploymentManifest(deployment)))
  const dead = new Set<string>()
  for (const { atMs: deathMs, node } of scenario.nodeDeaths) {
    void atMs(deathMs).then(() => {
      machines[node]?.die()
      dead.add(machines[node]?.name ?? '')
    })
  }
  void atMs(scenario.calmFromMs).then(() => Object.assign(faults, noHttpFaults))
  void atMs(scenario.removeDeadNodesAtMs).then(async () => {
    for (const name of dead) must(await world.admin.delete(kinds.nodes, name))
  })
  const live = (): Set<string> => new Set(machines.map(({ name }) => name).filter((name) => !dead.has(name)))
  const found = await watchOver(scenario, world, startMs, live)
  return {
    ...found,
    digest: trace.digest(),
    events: trace.events(),
    log: world.host.log.lines,
    tookVirtualMs: clock.nowMs() - startMs,
  }
}

/** Checks safety every second, and from the time on when the dead are removed also whether all has converged. */
async function watchOver(
  scenario: Scenario,
  world: World,
  startMs: number,
  live: () => Set<string>,
): Promise<Pick<Outcome, 'unconverged' | 'violations'>> {
  const { clock, controlPlane } = world
  const broken = new Set<string>()
  for (;;) {
    await clock.sleep(checkEveryMs)
    const seen: Seen = {
      deployments: controlPlane.informers.of(kinds.deployments).list(),
      replicaSets: controlPlane.informers.of(kinds.replicaSets).list(),
      pods: controlPlane.informers.of(kinds.pods).list(),
      liveNodes: live(),
    }
    for (const violation of violations(seen, simMachine.capacity.cpus * 1_000)) broken.add(violation)
    const elapsedMs = clock.nowMs() - startMs
    if (elapsedMs < scenario.removeDeadNodesAtMs) continue
    const left = unconverged(scenario, seen)
    if (left.length === 0 || elapsedMs >= scenario.deadlineMs) return { unconverged: left, violations: [...broken] }
  }
}

async function startWorld(
  clock: SimClock,
  random: Random,
  handlers: ReadonlyMap<string, HttpHandler>,
  faults: HttpFaults,
): Promise<World> {
  const log = simLog(clock)
  const network = simHttp({ clock, random, faults })
  const host = { clock, random, log, disk: simDisk({ clock, random }), http: network, keys: simKeys(random) }
  const pki = await openPki(host.disk, host.keys, '/data/pki', { dnsNames: [], ipAddresses: [] })
  const controlPlane = await startControlPlane({
    host,
    nodeHandler: (name) => handlers.get(name),
    onFatal: (error) => {
      throw error
    },
    config: {
      storeDirectory: '/data/store',
      pki,
      serviceCidr,
      nodePorts: { first: 30_000, last: 32_767 },
      advertise: { address: '10.0.0.1', port: 6443 },
    },
  })
  const admin = makeClient({
    handler: controlPlane.handler,
    identity: { commonName: 'admin', organizations: ['system:masters'] },
    userAgent: 'simulation',
    clock,
  })
  return { clock, random, host, controlPlane, admin, network, stopped: new AbortController() }
}

async function startMachine(
  world: World,
  handlers: Map<string, HttpHandler>,
  workloads: Workloads,
  ordinal: number,
): Promise<Machine> {
  const { clock, random, network, controlPlane } = world
  const name = `node-${ordinal + 1}`
  const host = simNodeHost({ clock, random, log: world.host.log, workloads })
  let alive = true
  const api = network.connect(controlPlane.handler, () => alive)
  const config = simNodeConfig(name, ordinal)
  const node = await startNode({ host, config, machine: simMachine, api }, await startPodNetwork(host, config))
  handlers.set(
    name,
    network.connect(node.kubelet.handler, () => alive),
  )
  return {
    name,
    die() {
      alive = false
      host.containers.crash()
      host.disk.crash('power')
    },
  }
}

export function simNodeConfig(name: string, ordinal: number): NodeConfig {
  return {
    instanceName: name,
    nodeName: name,
    bridgeName: 'coracle0',
    podCidr: `${nthAddress('10.128.0.0/9', ordinal * 256)}/24`,
    serviceCidr,
    dnsIp: nthAddress(serviceCidr, 10),
    dataDirectory: '/data',
    runDirectory: '/run/coracle',
  }
}

/** Until the calm, one run of a container in so many ends with a failure. */
function crashingWorkloads({ crashes }: Scenario, random: Random, isCalm: () => boolean): Workloads {
  return () =>
    isCalm() || random.below(crashes.oneIn) !== 0 ? {} : { runsForMs: random.below(crashes.withinMs), exitCode: 1 }
}

function must(result: Readonly<{ ok: true }> | Readonly<{ ok: false; error: Readonly<{ message?: string }> }>): void {
  if (!result.ok) throw new Error(`the scenario cannot be set up: ${result.error.message}`)
}
