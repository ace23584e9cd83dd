import type { NodeSelectorTerm } from '../kinds.generated.ts'
import { labelValueErrors } from '../label-syntax.ts'
import { quantityMilli } from '../quantity.ts'
import { child, index } from '../validation/field-error.ts'
import { parsed } from '../validation/resources.ts'

/** What fields of several kinds are warned of. */
export type Warnings = readonly string[]

const deprecatedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

/** What is to be said of the label; undefined: nothing. */
export function deprecatedLabel(key: string): string | undefined {
  return deprecatedLabels[key]
}

/** Values of preferred terms are never refused. */
export function nodeTermWarnings(field: string, term: NodeSelectorTerm, looksAtValues: boolean): Warnings {
  return (term.matchExpressions ?? []).flatMap(({ key, values = [] }, at) => {
    const path = index(child(field, 'matchExpressions'), at)
    const message = deprecatedLabel(key)
    return [
      ...(message === undefined ? [] : [`${child(path, 'key')}: ${key} is ${message}`]),
      ...values.flatMap((value, place) =>
        looksAtValues
          ? labelValueErrors(value).map(
              (error) => `${index(child(path, 'values'), place)}: ${value} is invalid, ${error}`,
            )
          : [],
      ),
    ]
  })
}

/** Bytes come whole. */
export function fraction(field: string, text: string | undefined): Warnings {
  if (text === undefined || quantityMilli(parsed(text)) % 1000n === 0n) return []
  return [`${field}: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`]
}
