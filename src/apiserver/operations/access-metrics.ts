import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { Decision } from '../authorize/decision.ts'

/** Counts who was known and who was let through: apiserver/pkg/endpoints/filters/metrics.go. */
export interface AccessMetrics {
  /** `user`: undefined where nobody was known. */
  authenticated(user: string | undefined, seconds: number): void
  authorized(decision: Decision, seconds: number): void
}

/** 1 ms to 16 s. */
const bounds = Array.from({ length: 15 }, (_, at) => 0.001 * 2 ** at)
/** Told by their names; all others count as one, for there may be any number of them. */
const namedUsers = ['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default']

export function accessMetrics(metrics: MetricRegistry): AccessMetrics {
  const users = metrics.counter(
    'authenticated_user_requests',
    '[ALPHA] Counter of authenticated requests broken out by username.',
    ['username'],
  )
  const authentication = timed(metrics, 'authentication', 'attempts', 'Counter of authenticated attempts.')
  const authorization = timed(
    metrics,
    'authorization',
    'attempts_total',
    "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
  )
  const [known, unknown] = [authentication('success'), authentication('failure')]
  const [others, allowed] = [users.of(['other']), authorization('allowed')]
  const refused = new Map(['denied', 'error', 'no-opinion'].map((result) => [result, authorization(result)]))
  return {
    authenticated(user, seconds) {
      if (user === undefined) return unknown(seconds)
      if (namedUsers.includes(user)) users.add([user])
      else others.add()
      known(seconds)
    },
    authorized({ verdict, error }, seconds) {
      if (verdict === 'allow') return allowed(seconds)
      refused.get(error !== undefined ? 'error' : verdict === 'deny' ? 'denied' : 'no-opinion')?.(seconds)
    },
  }
}

function timed(metrics: MetricRegistry, what: string, counted: string, help: string) {
  const attempts = metrics.counter(`${what}_${counted}`, `[ALPHA] ${help}`, ['result'])
  const durations = metrics.histogram(
    `${what}_duration_seconds`,
    `[ALPHA] ${what.charAt(0).toUpperCase()}${what.slice(1)} duration in seconds broken out by result.`,
    ['result'],
    bounds,
  )
  return (result: string): ((seconds: number) => void) => {
    const [count, duration] = [attempts.of([result]), durations.of([result])]
    return (seconds) => {
      count.add()
      duration.observe(seconds)
    }
  }
}
