import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { linuxGrpc } from '../linux/grpc.ts'
import { simClock } from '../sim/clock.ts'
import { simGrpc } from '../sim/grpc.ts'
import { grpcContract } from './grpc.ts'
import { simRun } from './sim-run.ts'

describe('gRPC of Linux', () => {
  const folder = mkdtempSync(`${tmpdir()}/coracle-grpc-`)
  afterAll(() => rmSync(folder, { recursive: true }))
  let sockets = 0
  const make = () => ({
    grpc: linuxGrpc(),
    run: <T>(promise: Promise<T>) => promise,
    socketPath: `${folder}/${sockets++}.sock`,
  })
  grpcContract(make)

  it('replaces a socket that its server left behind', async () => {
    const { grpc, socketPath } = make()
    const leave = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
    expect(() => execFileSync(process.execPath, ['-e', leave], { stdio: 'ignore' })).toThrow()
    const listener = await grpc.listen(socketPath, new Map())
    expect(listener.ok).toBe(true)
    if (listener.ok) await listener.value.close()
  })
})

describe('the simulated gRPC', () =>
  grpcContract(() => {
    const clock = simClock()
    return { grpc: simGrpc({ clock }), run: simRun(clock), socketPath: '/run/test.sock' }
  }))
