import type { Outcome } from './value.ts'

/** What a run knows: the variables, the values of folds in progress by slot, and what has been spent. */
export type Frame = {
  readonly variable: (name: string) => Outcome | undefined
  readonly slots: Outcome[]
  cost: number
  readonly limit: number
}

/** Thrown when a run has cost more than it may; nothing in the expression can absorb that. */
export class CostExceeded extends Error {}

export function spend(frame: Frame, cost: number): void {
  frame.cost += cost
  if (frame.cost > frame.limit) throw new CostExceeded()
}

/** Thrown while an expression is made ready to run: it could never succeed. */
export class ProgramFault extends Error {}

/** One part of an expression, ready to run. */
export type Step = Readonly<{
  run: (frame: Frame) => Outcome
  /** The value of what is known beforehand, which costs nothing. */
  constant?: Exclude<Outcome, Error>
  /** For what selections can follow: the value without the cost of reaching its root, which is paid once. */
  resolve?: (frame: Frame) => Outcome
  /** 1 where run costs that more than resolve; a condition costs nothing by itself. */
  rootCost?: number
}>
