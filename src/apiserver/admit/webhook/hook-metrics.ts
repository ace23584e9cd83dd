import type { Operation } from '../admission.ts'
import type { Outcome } from './hook-call.ts'
import { codeOf } from './hook-call.ts'

type Phase = 'admit' | 'validating'

export type Asked = Readonly<{ name: string; phase: Phase; operation: Operation; outcome: Outcome; isIgnored: boolean }>

/** How often webhooks were asked, said no, or could not be understood. */
export interface HookMetrics {
  count(asked: Asked): void
  /** In Prometheus' plain form, under kube-apiserver's names. */
  lines(): readonly string[]
}

const requests = 'apiserver_admission_webhook_request_total'
const rejections = 'apiserver_admission_webhook_rejection_count'
const openings = 'apiserver_admission_webhook_fail_open_count'

const helps: Readonly<Record<string, string>> = {
  [requests]: 'Number of times a webhook was asked.',
  [rejections]: 'Number of requests that a webhook refused, or that failed because it could not be asked.',
  [openings]: 'Number of times a webhook could not be asked and was passed over.',
}

export function hookMetrics(): HookMetrics {
  const counts = new Map<string, Map<string, number>>(Object.keys(helps).map((name) => [name, new Map()]))
  const add = (metric: string, labels: Readonly<Record<string, string | number>>): void => {
    const series = counts.get(metric)
    const key = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`)
    series?.set(key.join(','), (series.get(key.join(',')) ?? 0) + 1)
  }
  return {
    count({ name, phase, operation, outcome, isIgnored }) {
      const isRejected = outcome.type !== 'allowed' && !isIgnored
      const who = { name, type: phase, operation }
      add(requests, { code: codeOf(outcome), name, operation, rejected: String(isRejected), type: phase })
      if (isRejected) add(rejections, { error_type: errorType(outcome), ...who, rejection_code: codeOf(outcome) })
      if (isIgnored && outcome.type === 'failed') add(openings, { name, type: phase })
    },
    lines: () =>
      [...counts].flatMap(([metric, series]) => [
        `# HELP ${metric} ${helps[metric]}`,
        `# TYPE ${metric} counter`,
        ...[...series].map(([labels, value]) => `${metric}{${labels}} ${value}`),
      ]),
  }
}

function errorType({ type }: Outcome): string {
  return {
    allowed: 'no_error',
    rejected: 'no_error',
    failed: 'calling_webhook_error',
    unaskable: 'apiserver_internal_error',
  }[type]
}
