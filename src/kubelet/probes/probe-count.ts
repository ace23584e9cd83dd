import type { Probe } from '../../api/kinds.generated.ts'
import type { ProbeVerdict } from '../pod-actions.ts'

/** How often in a row a probe has given the same verdict. */
export type ProbeCount = Readonly<{ last: ProbeVerdict | undefined; run: number }>

export const noProbes: ProbeCount = { last: undefined, run: 0 }

/** Counts one more verdict; `decided` once it has been given as often in a row as the probe's threshold wants. */
export function countProbe(
  { last, run }: ProbeCount,
  verdict: ProbeVerdict,
  { failureThreshold = 3, successThreshold = 1 }: Pick<Probe, 'failureThreshold' | 'successThreshold'>,
): Readonly<{ count: ProbeCount; decided: boolean }> {
  const count = { last: verdict, run: last === verdict ? run + 1 : 1 }
  return { count, decided: count.run >= (verdict === 'failure' ? failureThreshold : successThreshold) }
}
