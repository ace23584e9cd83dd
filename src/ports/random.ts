/** The only source of randomness. */
export interface Random {
  /** Uniform integer in [0, bound). */
  below(bound: number): number
  /** `count` random bytes; on a real host fit for keys and tokens. */
  bytes(count: number): Uint8Array
}
