import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { linuxHttp } from '../../host/linux/http.ts'
import type { HttpHandler, ListenAt } from '../../ports/http.ts'
import { textResponse } from '../output/write-answer.ts'
import { upgraded } from './upgraded.ts'

const http = linuxHttp()
const at: ListenAt = { type: 'tcp', address: '127.0.0.1', port: 0 }

async function listening(handler: HttpHandler) {
  const listener = await http.listen(at, handler)
  if (!listener.ok) throw new Error(listener.error.message)
  return listener.value
}

it("carries a real WebSocket through, and tells the client the server's own refusal", async () => {
  const server = await listening(async ({ headers }) =>
    headers['sec-websocket-protocol'] === 'v5.channel.k8s.io'
      ? {
          type: 'websocket',
          subprotocol: 'v5.channel.k8s.io',
          async start({ messages, send, close }) {
            for await (const message of messages) {
              await send(message)
              close(1000, 'done')
            }
          },
        }
      : textResponse(403, 'not so'),
  )
  const proxy = await listening(async ({ method, target, headers }) => {
    const outgoing = { method, url: `http://127.0.0.1:${server.port}${target}`, headers }
    const answer = await upgraded(http, { ...outgoing, timeoutMs: 5000, maxRedirects: 0 }, headers.upgrade ?? '')
    return answer.ok ? answer.value : textResponse(503, answer.error)
  })
  const url = `ws://127.0.0.1:${proxy.port}/exec`
  const socket = new WebSocket(url, ['v5.channel.k8s.io'])
  socket.on('open', () => socket.send('a'.repeat(100_000)))
  const heard: number[] = []
  socket.on('message', (data: Uint8Array) => heard.push(data.length))
  const code = await new Promise((resolve) => socket.on('close', resolve))
  expect([heard, code]).toEqual([[100_000], 1000])
  const refused = new WebSocket(url, ['other'])
  const status = await new Promise((resolve) =>
    refused.on('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
  )
  expect(status).toBe(403)
  await Promise.all([proxy.close(0), server.close(0)])
})
