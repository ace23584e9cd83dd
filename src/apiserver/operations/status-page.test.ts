import { expect, it } from 'vitest'
import { statusPage } from './status-page.ts'

it('says what runs and since when, as kube-apiserver 1.36.1 but for the version of Go', () => {
  const startedMs = Date.UTC(2026, 10, 28, 14, 43, 13)
  expect(statusPage(startedMs, startedMs + (57 * 60 + 42) * 1000)).toBe(`
apiserver statusz
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.

Started: Sat Nov 28 14:43:13 UTC 2026
Up: 0 hr 57 min 42 sec
Binary version: 1.36.1
Emulation version: 1.36
Paths: /healthz /livez /metrics /readyz /statusz /version
`)
})
