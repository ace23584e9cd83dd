import type { Service } from '../kinds.generated.ts'
import { quantityOfUnits } from '../quantity.ts'
import type { Evaluator } from './evaluator.ts'

const tracked = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers']

export const serviceEvaluator: Evaluator = {
  tracks: (name) => tracked.includes(name),
  matchesScope: () => false,
  usage(object) {
    const { spec } = object as Service
    const amounts = {
      'count/services': 1,
      services: 1,
      'services.loadbalancers': spec?.type === 'LoadBalancer' ? 1 : 0,
      'services.nodeports': nodePorts(object as Service),
    }
    return new Map(Object.entries(amounts).map(([name, count]) => [name, quantityOfUnits(count)]))
  },
}

/** Those that it is going to have: they are not allocated yet. */
function nodePorts({ spec }: Service): number {
  const ports = spec?.ports ?? []
  if (spec?.type === 'NodePort') return ports.length
  if (spec?.type !== 'LoadBalancer') return 0
  const isSuppressed = spec.allocateLoadBalancerNodePorts === false
  return isSuppressed ? ports.filter(({ nodePort = 0 }) => nodePort !== 0).length : ports.length
}
