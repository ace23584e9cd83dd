import { expect, it } from 'vitest'
import type { HttpHandler, HttpHeaders } from '../../ports/http.ts'
import type { Store } from '../../store/store.ts'
import type { Call } from '../call.ts'
import { podOnKubelet } from './kubelet-proxy.ts'

const pod = {
  metadata: { name: 'p', namespace: 'x' },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
}

function ask(path: 'containerLogs' | 'exec', status: number, text: string, headers: HttpHeaders = {}) {
  const nodeHandler = (): HttpHandler => async () => ({
    type: 'whole',
    status,
    headers: {},
    body: new TextEncoder().encode(text),
  })
  const store = { get: () => ({ object: pod }) } as unknown as Store
  const call = {
    info: { namespace: 'x', name: 'p' },
    query: new URLSearchParams(),
    request: { headers },
  } as unknown as Call
  return podOnKubelet({ store, nodeHandler }, path, call)
}

const said = 'previous terminated container "c" in pod "p" not found'

it.each([
  [400, { reason: 'BadRequest', message: said }],
  [500, { reason: 'InternalError', message: said }],
  [
    404,
    {
      reason: 'Passed',
      status: {
        reason: 'NotFound',
        code: 404,
        message: 'the server could not find the requested resource ( pods/log p)',
        details: { name: 'p', kind: 'pods/log' },
      },
    },
  ],
])("a kubelet's %i for a log is told to clients in a Status", async (status, error) => {
  expect(await ask('containerLogs', status, said)).toMatchObject({ ok: false, error })
})

it("passes a kubelet's refusal of a stream on as it is: clients read its text", async () => {
  expect(await ask('exec', 404, 'pod does not exist')).toMatchObject({ ok: true, value: { response: { status: 404 } } })
})

it.each([
  ['binary.k8s.io', ['', 'line\n']],
  ['base64.binary.k8s.io', ['', 'bGluZQo=']],
  ['other, binary.k8s.io', ['', 'line\n']],
])('sends a log as messages to who asks for a WebSocket of %s', async (offered, messages) => {
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': offered }
  const answer = await ask('containerLogs', 200, 'line\n', headers)
  if (!answer.ok || answer.value.type !== 'response' || answer.value.response.type !== 'websocket') {
    throw new Error('no socket')
  }
  const sent: string[] = []
  const { response } = answer.value
  await new Promise<void>((resolve) => {
    response.start({
      send: async (message) =>
        void sent.push(typeof message === 'string' ? message : new TextDecoder().decode(message)),
      messages: (async function* () {})(),
      close: () => resolve(),
    })
  })
  expect(sent).toEqual(messages)
})

it('refuses a log by WebSocket as any other', async () => {
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': 'binary.k8s.io' }
  expect(await ask('containerLogs', 400, said, headers)).toMatchObject({ ok: false, error: { reason: 'BadRequest' } })
})
