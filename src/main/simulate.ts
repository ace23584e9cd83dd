import type { Node, Pod, Status } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import type { Result } from '../api/result.ts'
import type { Client } from '../client/client.ts'
import { makeClient } from '../client/http-client.ts'
import { isNodeReady } from '../controllers/node-lifecycle/node-health.ts'
import { type SimClock, simClock } from '../host/sim/clock.ts'
import { type HttpFaults, noHttpFaults, simHttp } from '../host/sim/http.ts'
import { simKeys } from '../host/sim/keys.ts'
import { type LogLine, simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { simRegistry } from '../host/sim/registry.ts'
import type { Workloads } from '../host/sim/workload.ts'
import type { Random } from '../ports/random.ts'
import { changeViolations, type Seen, unconverged, violations } from '../sim/checkers.ts'
import { type PlannedIncident, planIncidents } from '../sim/plan.ts'
import { deploymentManifest, type Scenario } from '../sim/scenario.ts'
import { makeTrace, type Trace } from '../sim/trace.ts'
import type { ControlPlane } from './control-plane.ts'
import { makeSimControlPlane, type SimControlPlane } from './sim-control-plane.ts'
import { makeSimMachine, type SimMachine } from './sim-machine.ts'
import { simMachine } from './sim-node-host.ts'

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

/** For tests that plant a fault. */
export type SimulateOptions = Readonly<{
  /** All chance of the run; by default from the seed. */
  random?: Random
  /** Called with each control plane that has started. */
  onControlPlane?: (controlPlane: ControlPlane) => void
}>

const checkEveryMs = 1_000
/** Some way past the deadline, so that a run that hangs shows as one that did not end. */
const overtimeMs = 60_000

/** Runs the scenario from nothing until all has converged after the calm, or its deadline. The same seed gives the same outcome, byte for byte. */
export async function simulate(scenario: Scenario, seed: number, options: SimulateOptions = {}): Promise<Outcome> {
  const clock = simClock()
  const run = startRun(scenario, clock, options.random ?? simRandom(seed), options)
  const deadlineMs = clock.nowMs() + scenario.deadlineMs + overtimeMs
  let outcome: Outcome | undefined
  void run.outcome.then((value) => (outcome = value))
  await clock.runUntilTrue(() => outcome !== undefined || run.errors.length > 0, deadlineMs)
  if (run.errors.length > 0) throw run.errors[0]
  if (outcome === undefined) throw new Error(`seed ${seed} did not end`)
  return outcome
}

type World = Readonly<{
  scenario: Scenario
  clock: SimClock
  startMs: number
  log: ReturnType<typeof simLog>
  controlPlane: SimControlPlane
  machines: readonly SimMachine[]
  admin: Client
  trace: Trace
  /** Violations, each once. */
  broken: Set<string>
  /** Names of the nodes that died for good, and of those that lost power and came back. */
  dead: Set<string>
  restored: Set<string>
  onControlPlane: (controlPlane: ControlPlane) => void
}>

function startRun(
  scenario: Scenario,
  clock: SimClock,
  random: Random,
  options: SimulateOptions,
): Readonly<{ outcome: Promise<Outcome>; errors: readonly unknown[] }> {
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const faults = { ...noHttpFaults, ...scenario.network }
  const world = makeWorld(scenario, clock, random, faults, onError, options.onControlPlane ?? (() => {}))
  void at(world, scenario.calmFromMs).then(() => Object.assign(faults, noHttpFaults))
  const fail = (running: Promise<unknown>): void => void running.catch(onError)
  for (const incident of planIncidents(scenario, random)) fail(befall(world, incident))
  fail(removeTheDead(world))
  for (const machine of world.machines) machine.start()
  const outcome = new Promise<Outcome>((resolve) => fail(begin(world).then(() => watchOver(world).then(resolve))))
  return { outcome, errors }
}

function makeWorld(
  scenario: Scenario,
  clock: SimClock,
  random: Random,
  faults: HttpFaults,
  onError: (error: unknown) => void,
  onControlPlane: World['onControlPlane'],
): World {
  const startMs = clock.nowMs()
  const log = simLog(clock)
  const network = simHttp({ clock, random, faults })
  const byName = new Map<string, SimMachine>()
  const kubelet = (name: string) => {
    const handler = byName.get(name)?.handler()
    return handler === undefined ? undefined : network.connect(handler, () => byName.get(name)?.isOn() === true)
  }
  const controlPlane = makeSimControlPlane({ clock, random, log, kubelet, onError })
  const workloads = crashingWorkloads(scenario, random, () => clock.nowMs() >= startMs + scenario.calmFromMs)
  const parts = { clock, random, log, workloads, registry: simRegistry(), onError }
  const machines = Array.from({ length: scenario.nodes }, (_, ordinal) => {
    const isOn = (): boolean => machine.isOn()
    const machine = makeSimMachine({ ...parts, api: network.connect(controlPlane.handler, isOn) }, ordinal)
    byName.set(machine.name, machine)
    return machine
  })
  const [broken, dead, restored] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const trace = makeTrace(simKeys(random), (object, before) => {
    for (const fault of changeViolations(object, before)) broken.add(fault)
    if (object.kind !== 'Pod') return
    const pods = trace.objects<Stored<Pod>>('Pod')
    for (const fault of violations({ pods }, scenario, simMachine.capacity.cpus * 1000, restored)) broken.add(fault)
  })
  const identity = { commonName: 'admin', organizations: ['system:masters'] }
  const admin = makeClient({ handler: controlPlane.handler, identity, userAgent: 'simulation', clock })
  return { scenario, clock, startMs, log, controlPlane, machines, admin, trace, broken, dead, restored, onControlPlane }
}

function at({ clock, startMs }: World, ms: number): Promise<void> {
  return clock.sleep(startMs + ms - clock.nowMs())
}

async function startControlPlane({ controlPlane, trace, broken, onControlPlane }: World): Promise<void> {
  const started = await controlPlane.start()
  for (const fault of trace.follow(started.store)) broken.add(fault)
  onControlPlane(started)
}

async function begin(world: World): Promise<void> {
  const { scenario, clock, startMs, trace } = world
  await startControlPlane(world)
  while (trace.objects<Stored<Node>>('Node').filter(isNodeReady).length < scenario.nodes) {
    if (clock.nowMs() >= startMs + scenario.deployByMs) break
    await clock.sleep(100)
  }
  for (const deployment of scenario.deployments)
    await insist(world, 'AlreadyExists', () => world.admin.create(kinds.deployments, deploymentManifest(deployment)))
}

async function removeTheDead(world: World): Promise<void> {
  await at(world, world.scenario.removeDeadNodesAtMs)
  for (const name of world.dead) await insist(world, 'NotFound', () => world.admin.delete(kinds.nodes, name))
}

/** As a person would: again until it has been done, by this attempt or by one whose answer was lost. */
async function insist(
  { clock }: World,
  doneAlready: string,
  attempt: () => Promise<Result<unknown, Status>>,
): Promise<void> {
  for (;;) {
    const result = await attempt()
    if (result.ok || result.error.reason === doneAlready) return
    if ((result.error.code ?? 500) < 500) throw new Error(`the operator is refused: ${result.error.message}`)
    await clock.sleep(1_000)
  }
}

async function befall(world: World, { type, atMs, downMs, node }: PlannedIncident): Promise<void> {
  const { machines, controlPlane, clock, dead, restored } = world
  const machine = machines[node]
  await at(world, atMs)
  if (type === 'control-plane-dies' || type === 'control-plane-loses-power') {
    controlPlane.crash(type === 'control-plane-dies' ? 'kill' : 'power')
    await clock.sleep(downMs)
    return startControlPlane(world)
  }
  if (type === 'kubelet-dies') machine?.killProcess()
  else machine?.losePower()
  if (type === 'node-dies') return void dead.add(machine?.name ?? '')
  if (type === 'node-loses-power') restored.add(machine?.name ?? '')
  await clock.sleep(downMs)
  machine?.start()
}

/** From the time on when the dead are removed: whether all has converged. */
async function watchOver(world: World): Promise<Outcome> {
  const { scenario, clock, startMs, trace } = world
  await at(world, Math.max(scenario.removeDeadNodesAtMs, scenario.calmFromMs))
  for (;;) {
    const left = unconverged(scenario, seenIn(world))
    const tookVirtualMs = clock.nowMs() - startMs
    if (left.length === 0 || tookVirtualMs >= scenario.deadlineMs) {
      const [digest, events, log] = [trace.digest(), trace.events(), world.log.lines]
      return { digest, events, log, tookVirtualMs, unconverged: left, violations: [...world.broken] }
    }
    await clock.sleep(checkEveryMs)
  }
}

function seenIn({ trace, machines, dead }: World): Seen {
  return {
    deployments: trace.objects('Deployment'),
    replicaSets: trace.objects('ReplicaSet'),
    pods: trace.objects('Pod'),
    liveNodes: new Set(machines.map(({ name }) => name).filter((name) => !dead.has(name))),
  }
}

/** Until the calm, one run of a container in so many ends with a failure. */
function crashingWorkloads({ crashes }: Scenario, random: Random, isCalm: () => boolean): Workloads {
  return () =>
    isCalm() || random.below(crashes.oneIn) !== 0 ? {} : { runsForMs: random.below(crashes.withinMs), exitCode: 1 }
}
