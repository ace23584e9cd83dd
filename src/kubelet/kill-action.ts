import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import type { PodAction } from './pod-actions.ts'

export function killForResize({ id, name }: RuntimeContainer): PodAction {
  const message = `Container ${name} resize requires restart`
  return { type: 'kill-container', id, container: name, cause: 'other', message }
}

/** Nobody knows whether it runs: it is killed, so that there are never two. */
export function killUnknown({ id, name }: RuntimeContainer, what: 'Container' | 'Init container'): PodAction {
  const message = `${what} is in "unknown" state, try killing it before restart`
  return { type: 'kill-container', id, container: name, cause: 'other', message }
}
