import type { HttpResponse } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'

/** Whoever can answer at all is well: the kubelet has no loop of its own that could stand still, and answers only once it knows its pods. */
const checks = ['ping', 'log', 'syncloop']

/** GET /healthz, and /healthz/NAME of each check: as k8s.io/apiserver's healthz answers. */
export function healthz([name]: readonly string[], query: URLSearchParams): HttpResponse {
  if (name !== undefined) return checks.includes(name) ? textAnswer(200, 'ok') : textAnswer(404, '404 page not found\n')
  const excluded = new Set(query.getAll('exclude'))
  const lines = checks.map((check) => `[+]${check} ${excluded.has(check) ? 'excluded: ok' : 'ok'}\n`)
  return textAnswer(200, query.has('verbose') ? `${lines.join('')}healthz check passed\n` : 'ok')
}
