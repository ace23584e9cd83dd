import { expect, it } from 'vitest'
import { logOptionsRefusal } from './log-options.ts'

/** Asked of kube-apiserver 1.36.1. */
it.each([
  ['tailLines=0&limitBytes=1&sinceSeconds=1', undefined],
  ['tailLines=-1', 'Invalid value: -1: must be greater than or equal to 0'],
  ['limitBytes=0', 'Invalid value: 0: must be greater than 0'],
  ['sinceSeconds=0', 'Invalid value: 0: must be greater than 0'],
  [
    'sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z',
    'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
  ],
])('a log asked for with %s: %s', (query, message) => {
  const refusal = logOptionsRefusal(new URLSearchParams(query), 'p')
  expect(refusal?.reason === 'Invalid' ? refusal.errors[0]?.message : undefined).toBe(message)
})
