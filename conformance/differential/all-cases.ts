import type { Case } from './case.ts'
import { accessCases } from './cases/access.ts'
import { actingAsCases } from './cases/acting-as.ts'
import { admissionCases } from './cases/admission.ts'
import { customCases } from './cases/custom.ts'
import { discoveryCases } from './cases/discovery.ts'
import { everyKindCases } from './cases/every-kind.ts'
import { fieldValueCases } from './cases/field-values.ts'
import { kindCases } from './cases/kinds.ts'
import { nodeCases } from './cases/nodes.ts'
import { podCases } from './cases/pods.ts'
import { protocolCases } from './cases/protocol.ts'
import { watchCases } from './cases/watch.ts'
import { generatedCases } from './generated.ts'

/** Everything that is asked of both: the tables, then `generated` cases drawn with `seed`. */
export function allCases(seed: number, generated: number): readonly Case[] {
  return [
    ...everyKindCases(),
    ...protocolCases(),
    ...watchCases(),
    ...accessCases(),
    ...actingAsCases(),
    ...admissionCases(),
    ...nodeCases(),
    ...podCases(),
    ...kindCases(),
    ...fieldValueCases(),
    ...customCases(),
    ...discoveryCases(),
    ...generatedCases(seed, generated),
  ]
}
