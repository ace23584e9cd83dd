import type { Node, Pod, Taint, Toleration } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { ok } from '../../api/result.ts'
import type { Mutate, Plugin } from './admission.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const tolerationSeconds = 300

const withTolerations: Mutate = ({ kind, subresource, operation }, object) => {
  const isPod =
    kind.plural === 'pods' &&
    kind.group === '' &&
    subresource === undefined &&
    (operation === 'CREATE' || operation === 'UPDATE')
  if (!isPod) return ok(object)
  const pod = object as Pod
  const tolerations = pod.spec?.tolerations ?? []
  const missing = [notReady, unreachable].filter((key) => !tolerations.some((toleration) => covers(toleration, key)))
  if (missing.length === 0 || pod.spec === undefined) return ok(object)
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }))
  return ok({ ...object, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } } as ApiObject)
}

/** Pods stay on a node that is not ready or unreachable for five minutes, unless they say otherwise (DefaultTolerationSeconds). */
export const defaultTolerations: Plugin = { mutate: withTolerations }

function covers({ key = '', effect = '' }: Toleration, taint: string): boolean {
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '')
}

const notReadyTaint: Taint = { key: notReady, effect: 'NoSchedule' }

const withTaint: Mutate = ({ kind, operation, subresource }, object) => {
  const isNewNode = kind.plural === 'nodes' && kind.group === '' && operation === 'CREATE' && subresource === undefined
  if (!isNewNode) return ok(object)
  const { spec } = object as Node
  const taints = spec?.taints ?? []
  if (taints.some(({ key, effect }) => key === notReady && effect === 'NoSchedule')) return ok(object)
  return ok({ ...object, spec: { ...spec, taints: [...taints, notReadyTaint] } } as ApiObject)
}

/** A new node takes no pods before it has reported that it is ready (TaintNodesByCondition). */
export const taintNewNodes: Plugin = { mutate: withTaint }
