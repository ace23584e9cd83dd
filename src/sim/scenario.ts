/** What is asked of a simulated cluster, and what befalls it. Times are milliseconds from the start. */
export type Scenario = Readonly<{
  nodes: number
  deployments: readonly ScenarioDeployment[]
  /** Containers of the image end with a failure now and then: one run in so many, after a random time. */
  crashes: Readonly<{ oneIn: number; withinMs: number }>
  nodeDeaths: readonly Readonly<{ atMs: number; node: number }>[]
  /** When an operator removes the Node objects of the dead: their pods are forgotten then. */
  removeDeadNodesAtMs: number
  /** From here on nothing fails any more: by the deadline everything must be as it was asked for. */
  calmFromMs: number
  deadlineMs: number
}>

export type ScenarioDeployment = Readonly<{ name: string; replicas: number; cpuMillis: number }>

export const image = 'registry.example/app:1'

/** Three Deployments on 50 nodes, containers that crash, two nodes that die. */
export const firstScenario: Scenario = {
  nodes: 50,
  deployments: [
    { name: 'web', replicas: 30, cpuMillis: 100 },
    { name: 'api', replicas: 12, cpuMillis: 250 },
    { name: 'batch', replicas: 5, cpuMillis: 500 },
  ],
  crashes: { oneIn: 5, withinMs: 40_000 },
  nodeDeaths: [
    { atMs: 8_000, node: 3 },
    { atMs: 15_000, node: 17 },
  ],
  removeDeadNodesAtMs: 120_000,
  calmFromMs: 60_000,
  deadlineMs: 480_000,
}

/** The Deployment as a user would apply it. Pods give a lost node up after 20 s rather than the usual five minutes. */
export function deploymentManifest({ name, replicas, cpuMillis }: ScenarioDeployment) {
  const labels = { app: name }
  const lost = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 }
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
