/** An expected outcome: a value, or an error with a closed reason. Bugs are assertions and throw. */
export type Result<T, E> = Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; error: E }>

export function ok<T>(value: T): Readonly<{ ok: true; value: T }> {
  return { ok: true, value }
}

export function fail<E>(error: E): Readonly<{ ok: false; error: E }> {
  return { ok: false, error }
}
