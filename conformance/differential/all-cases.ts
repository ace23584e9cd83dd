import type { Case } from './case.ts'
import { accessCases } from './cases/access.ts'
import { everyKindCases } from './cases/every-kind.ts'
import { protocolCases } from './cases/protocol.ts'
import { watchCases } from './cases/watch.ts'

export function allCases(_seed: number, _generated: number): readonly Case[] {
  return [...everyKindCases(), ...protocolCases(), ...watchCases(), ...accessCases()]
}
