import { simRandom } from '../src/host/sim/random.ts'
import { makeClusterCache } from '../src/scheduler/cluster-cache.ts'
import { scheduleOne } from '../src/scheduler/decide.ts'
import { noDevices } from '../src/scheduler/devices/device-view.ts'
import { keyed, podInfoOf } from '../src/scheduler/pod-info.ts'
import { testNode, testPod } from '../src/scheduler/test-cluster.ts'
import { noVolumes } from '../src/scheduler/volume-binding.ts'

// Decisions a second, in memory: nodes filled with the pods of ten workloads, spread by default.
const pods = 10_000
const siblings = Array.from({ length: 10 }, (_, app) => keyed([{ key: 'app', operator: '=', values: [`a${app}`] }]))

for (const nodes of [10, 100, 1000]) {
  const cache = makeClusterCache({
    namespaceLabels: () => ({}),
    volumes: noVolumes,
    devices: noDevices,
    siblingSelector: ({ labels }) => siblings[Number(labels.app?.slice(1))],
  })
  for (let at = 0; at < nodes; at++) {
    const labels = { 'topology.kubernetes.io/zone': `z${at % 3}` }
    cache.setNode(
      `n${at}`,
      testNode(`n${at}`, { labels, allocatable: { cpu: '2000', memory: '4000Gi', pods: '2000' } }),
    )
  }
  const infos = Array.from({ length: pods }, (_, at) =>
    podInfoOf(testPod(`p${at}`, { cpu: '100m', memory: '64Mi', labels: { app: `a${at % 10}` } })),
  )
  const random = simRandom(1)
  const startMs = performance.now()
  let startAt = 0
  for (const pod of infos) {
    const decision = scheduleOne({ pod, view: cache.view, random, startAt })
    if (decision.type !== 'bind') throw new Error(decision.message)
    cache.assume(pod, decision.nodeName)
    startAt = (startAt + decision.looked) % nodes
  }
  const seconds = (performance.now() - startMs) / 1000
  console.log(`${nodes} nodes: ${Math.round(pods / seconds)} pods a second`)
}
