import { createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { fail, ok, type Result } from '../../api/result.ts'
import { linuxStreams } from '../../host/linux/streams.ts'
import { checkGrpcHealth } from './grpc-health.ts'

const servers: Http2Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Asks a real HTTP/2 server that answers every service by its name. */
async function ask(service: string): Promise<Result<void, string>> {
  const server = createServer()
  servers.push(server)
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => {
      const asked = Buffer.concat(parts).subarray(7).toString()
      const known = headers[':path'] === '/grpc.health.v1.Health/Check' && asked !== 'nobody'
      if (!known) {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true })
        return
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, asked === 'ill' ? 2 : 1]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dialed = await linuxStreams().dial({ host: '127.0.0.1', port, timeoutMs: 1000 })
  if (!dialed.ok) throw new Error(dialed.error.message)
  const health = await checkGrpcHealth(dialed.value, `127.0.0.1:${port}`, service)
  dialed.value.destroy()
  return health
}

describe('a gRPC health check', () => {
  it.each([
    ['well', ok(undefined)],
    ['', ok(undefined)],
    ['ill', fail('service unhealthy (responded with "NOT_SERVING")')],
    ['nobody', fail('error: health rpc probe failed: the server did not answer with a health status')],
  ])('of %j', async (service, health) => {
    expect(await ask(service)).toEqual(health)
  })
})
