/** Tokens that Secrets keep for service accounts: what the API server notes on them, for those to be cleaned away that nobody uses. */

export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used'
export const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since'

/** As both labels hold it: '2026-11-28', in UTC. */
export function dateOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
