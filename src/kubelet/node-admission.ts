import type { Node } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { quantityMilli, quantityNumber } from '../api/quantity.ts'
import { isExtended } from '../api/validation/resources.ts'
import { appArmorFault } from './app-armor.ts'
import { isCriticalPod } from './critical-pod.ts'
import { isTerminalPhase, type KubeletPod } from './pod-containers.ts'
import type { Rejection } from './pod-parts.ts'
import { amountOf, podRequest, qosClass } from './qos-class.ts'

const resources = ['cpu', 'memory', 'ephemeral-storage']

/**
 * Whether the node can take one more pod, by the checks of the original's kubelet: what is allocatable, host ports, the node's labels.
 * A scheduler has seen to all of it, but pods may come without one, or on an outdated view.
 */
export function admissionFault(
  pod: KubeletPod,
  others: readonly KubeletPod[],
  node: Stored<Node> | undefined,
  isOfPlugin: (resource: string) => boolean = () => false,
  hasAppArmor = false,
): Rejection | undefined {
  if (pod.spec.os?.name !== undefined && pod.spec.os.name !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
  const unheld = appArmorFault(pod, hasAppArmor)
  if (unheld !== undefined) return { reason: 'AppArmor', message: `Cannot enforce AppArmor: ${unheld}` }
  if (node === undefined) return undefined
  const pressure = pressureFault(pod, node)
  if (pressure !== undefined) return pressure
  const active = others.filter(({ status }) => !isTerminalPhase(status.phase))
  const { allocatable = {} } = node.status
  const capacity = quantityNumber(amountOf(allocatable, 'pods'))
  if (active.length + 1 > capacity) return insufficient('pods', 1, active.length, capacity)
  // What device plugins serve is given out one by one; of what the node does not show it knows nothing.
  const extended = Object.keys(allocatable).filter((name) => isExtended(name) && !isOfPlugin(name))
  for (const resource of [...resources, ...extended]) {
    const requested = podRequest(pod, resource)
    const used = active.reduce((sum, other) => sum + podRequest(other, resource), 0)
    const amount = amountOf(allocatable, resource)
    const total = resource === 'cpu' ? Number(quantityMilli(amount)) : quantityNumber(amount)
    if (requested > 0 && requested > total - used) return insufficient(resource, requested, used, total)
  }
  return portFault(pod, active) ?? selectorFault(pod, node)
}

/** A node that lacks memory takes no pod that asks for none, unless it says that it bears it; one that lacks anything else takes none. */
function pressureFault(pod: KubeletPod, { status }: Stored<Node>): Rejection | undefined {
  if (isCriticalPod(pod)) return undefined
  const lacking = (status.conditions ?? [])
    .filter((condition) => condition.status === 'True' && condition.type.endsWith('Pressure'))
    .map(({ type }) => type)
  if (lacking.length === 0) return undefined
  if (lacking.length === 1 && lacking[0] === 'MemoryPressure') {
    if (qosClass(pod) !== 'BestEffort' || bearsMemoryPressure(pod)) return undefined
  }
  return { reason: 'Evicted', message: `The node had condition: [${lacking.join(' ')}]. ` }
}

function bearsMemoryPressure({ spec }: KubeletPod): boolean {
  return (spec.tolerations ?? []).some(
    ({ key = '', operator = 'Equal', effect = '', value = '' }) =>
      (key === '' ? operator === 'Exists' : key === 'node.kubernetes.io/memory-pressure') &&
      (effect === '' || effect === 'NoSchedule') &&
      (operator === 'Exists' || value === ''),
  )
}

function insufficient(resource: string, requested: number, used: number, capacity: number): Rejection {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${numbers}` }
}

function hostPortsOf({ spec }: KubeletPod): readonly string[] {
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) =>
      hostPort === 0 ? [] : [`${protocol} ${hostPort} ${hostIP === '' ? '0.0.0.0' : hostIP}`],
    )
}

function portFault(pod: KubeletPod, others: readonly KubeletPod[]): Rejection | undefined {
  const taken = others.flatMap(hostPortsOf).map((port) => port.split(' '))
  const conflict = hostPortsOf(pod).some((port) => {
    const [protocol, number, ip] = port.split(' ')
    return taken.some(
      (t) => t[0] === protocol && t[1] === number && (t[2] === ip || t[2] === '0.0.0.0' || ip === '0.0.0.0'),
    )
  })
  if (!conflict) return undefined
  return {
    reason: 'NodePorts',
    message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  }
}

/** nodeSelector only: required node affinity is the scheduler's to check. */
function selectorFault({ spec }: KubeletPod, { metadata }: Stored<Node>): Rejection | undefined {
  const wanted = Object.entries(spec.nodeSelector ?? {})
  if (wanted.every(([key, value]) => metadata.labels?.[key] === value)) return undefined
  return {
    reason: 'NodeAffinity',
    message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  }
}
