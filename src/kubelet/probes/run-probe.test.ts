import { expect, it } from 'vitest'
import type { Probe } from '../../api/kinds.generated.ts'
import { fail } from '../../api/result.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { testContainer } from '../test-pod.ts'
import { runProbe } from './run-probe.ts'

const refused = { code: 'Refused', message: 'connect ECONNREFUSED 10.0.0.1:99' }
const late = { code: 'TimedOut', message: 'too late' }
const away = { code: 'Unreachable', message: 'connect EHOSTUNREACH 10.0.0.1:99' }
const tcp: Probe = { tcpSocket: { port: 99 } }
const http: Probe = { httpGet: { port: 99, path: '/x' } }

it.each([
  [tcp, refused, 'dial tcp 10.0.0.1:99: connect: connection refused'],
  [tcp, late, 'dial tcp 10.0.0.1:99: i/o timeout'],
  [tcp, away, 'dial tcp 10.0.0.1:99: connect: no route to host'],
  [http, refused, 'Get "http://10.0.0.1:99/x": dial tcp 10.0.0.1:99: connect: connection refused'],
  [
    http,
    late,
    'Get "http://10.0.0.1:99/x": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
  ],
])('%j that fails with %j says so in the words of the original', async (probe, error, output) => {
  const answer = async () => fail(error)
  const deps = { streams: { dial: answer }, http: { request: answer } } as unknown as KubeletDeps
  const target = { container: testContainer('a'), id: 'a-0', podIp: '10.0.0.1' }
  expect(await runProbe(deps, probe, target)).toEqual({ result: 'failure', output })
})
