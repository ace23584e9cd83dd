import { CelError, type Outcome, type Value } from './value.ts'

/** What a function does. Arguments are no errors, unless it says that it takes them. */
export type Implementation = (...args: Value[]) => Outcome

/** By the id of the overload. */
export type Implementations = Readonly<Record<string, Implementation>>

/** For functions whose overloads share one body: by name. A value that is not `takes` has no such function. */
export type SharedImplementation = Readonly<{ run: Implementation; takes?: (first: Value) => boolean }>

export const noSuchOverload = new CelError('no such overload')

export function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}
