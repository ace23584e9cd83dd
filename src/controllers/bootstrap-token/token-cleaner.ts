import type { Secret } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { type Action, remove, requeue, targetOf } from '../action.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { isBootstrapToken, readBootstrapToken } from './bootstrap-token.ts'

export type ObservedBootstrapToken = Readonly<{ secret: Stored<Secret>; nowMs: number }>

/** A token whose time is over goes. */
export function reconcileBootstrapToken({ secret, nowMs }: ObservedBootstrapToken): readonly Action[] {
  const { endMs } = readBootstrapToken(secret)
  if (endMs === undefined || secret.metadata.deletionTimestamp !== undefined) return []
  return endMs > nowMs ? [requeue(endMs - nowMs)] : [remove(targetOf(kinds.secrets, secret))]
}

export function tokenCleaner({ informers, clock }: ControllerDeps): Controller<ObservedBootstrapToken> {
  const secrets = informers.of(kinds.secrets)
  return {
    name: 'token-cleaner',
    concurrency: 1,
    sources: [source(kinds.secrets, (secret) => (isBootstrapToken(secret) ? [objectKey(secret)] : []))],
    observe(key) {
      const secret = secrets.get(key)
      return secret !== undefined && isBootstrapToken(secret) ? { secret, nowMs: clock.nowMs() } : undefined
    },
    reconcile: reconcileBootstrapToken,
  }
}
