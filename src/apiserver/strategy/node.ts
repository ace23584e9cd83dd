import type { Strategy } from './strategy.ts'

export const nodeStrategy: Strategy = {
  /** Kubelets register with their status. */
  prepareCreate: (node) => node,
}
