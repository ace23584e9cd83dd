/** What is asked of a simulated cluster, and what befalls it. Times are milliseconds from the start. */
export type Scenario = Readonly<{
  nodes: number
  /** Made when all nodes are ready, or at this time. */
  deployments: readonly ScenarioDeployment[]
  deployByMs: number
  /** Until the calm, one run of a container in so many ends with a failure, within this time. */
  crashes: Readonly<{ oneIn: number; withinMs: number }>
  /** Until the calm, what happens between nodes and API server. */
  network: ScenarioNetwork
  /** Each befalls a node of its own, at a time of its own. */
  incidents: readonly ScenarioIncident[]
  /** When an operator removes the Node objects of the dead: their pods are forgotten then. */
  removeDeadNodesAtMs: number
  /** From here on nothing fails any more: by the deadline everything must be as it was asked for. */
  calmFromMs: number
  deadlineMs: number
}>

export type ScenarioDeployment = Readonly<{ name: string; replicas: number; cpuMillis: number }>

export type ScenarioNetwork = Readonly<{
  /** Each exchange takes up to this long each way. */
  latencyMs: number
  /** One request in so many never arrives. */
  loseRequestOneIn: number
  /** One request in so many is carried out, but nobody learns of it. */
  loseAnswerOneIn: number
  /** One watch in so many breaks within its first minute. */
  cutStreamOneIn: number
}>

export type ScenarioIncident = Readonly<{
  /**
   * node-dies: for good. node-loses-power: it comes back with what its disk has kept, without containers. kubelet-dies: it comes back, the
   * containers go on meanwhile. control-plane-…: the process is killed, or its machine loses power, and starts again from its disk.
   */
  type: 'node-dies' | 'node-loses-power' | 'kubelet-dies' | 'control-plane-dies' | 'control-plane-loses-power'
  /** At a random time between these. */
  fromMs: number
  toMs: number
  /** How long until what comes back does. */
  downMs: number
}>

export const image = 'registry.example/app:1'

/** Three Deployments on 50 nodes, containers that crash, a network that loses things, nodes that die, restarts of everything. */
export const firstScenario: Scenario = {
  nodes: 50,
  deployments: [
    { name: 'web', replicas: 12, cpuMillis: 100 },
    { name: 'api', replicas: 6, cpuMillis: 250 },
    { name: 'batch', replicas: 3, cpuMillis: 500 },
  ],
  deployByMs: 3_000,
  crashes: { oneIn: 5, withinMs: 25_000 },
  network: { latencyMs: 20, loseRequestOneIn: 50, loseAnswerOneIn: 50, cutStreamOneIn: 3 },
  incidents: [
    { type: 'node-dies', fromMs: 4_000, toMs: 25_000, downMs: 0 },
    { type: 'node-dies', fromMs: 4_000, toMs: 25_000, downMs: 0 },
    { type: 'node-loses-power', fromMs: 4_000, toMs: 25_000, downMs: 8_000 },
    { type: 'kubelet-dies', fromMs: 2_000, toMs: 28_000, downMs: 2_000 },
    { type: 'control-plane-dies', fromMs: 500, toMs: 14_000, downMs: 1_000 },
    { type: 'control-plane-loses-power', fromMs: 16_000, toMs: 28_000, downMs: 1_000 },
  ],
  removeDeadNodesAtMs: 95_000,
  calmFromMs: 30_000,
  deadlineMs: 300_000,
}

/** The Deployment as a user would apply it. Pods give a lost node up after 5 s rather than the usual five minutes. */
export function deploymentManifest({ name, replicas, cpuMillis }: ScenarioDeployment) {
  const labels = { app: name }
  const lost = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }
  const tolerations = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'].map((key) => ({
    ...lost,
    key,
  }))
  const containers = [{ name: 'app', image, resources: { requests: { cpu: `${cpuMillis}m`, memory: '32Mi' } } }]
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, tolerations } },
    },
  }
}
