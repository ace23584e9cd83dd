import type { Random } from '../ports/random.ts'
import type { Scenario, ScenarioIncident } from './scenario.ts'

export type PlannedIncident = Readonly<{ type: ScenarioIncident['type']; atMs: number; downMs: number; node: number }>

/** What a seed makes of the scenario: when each incident is, and whom it befalls; never two the same node. */
export function planIncidents({ incidents, nodes }: Scenario, random: Random): readonly PlannedIncident[] {
  const spared = Array.from({ length: nodes }, (_, node) => node)
  return incidents.map(({ type, fromMs, toMs, downMs }) => ({
    type,
    atMs: fromMs + random.below(toMs - fromMs),
    downMs,
    node: type.startsWith('control-plane') ? -1 : (spared.splice(random.below(spared.length), 1)[0] ?? -1),
  }))
}
