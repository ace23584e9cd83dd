import { expect, it } from 'vitest'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Grpc, GrpcAnswer, GrpcChannel, GrpcMethods } from '../../ports/grpc.ts'

export type GrpcUnderTest = Readonly<{
  grpc: Grpc
  run: <T>(promise: Promise<T>) => Promise<T>
  /** A path where nobody listens, in a folder that exists. */
  socketPath: string
}>

const timeoutMs = 5_000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (answer: GrpcAnswer): string => (answer.ok ? new TextDecoder().decode(answer.value) : answer.error.code)
const never = (closed: AbortSignal): Promise<void> =>
  new Promise((resolve) => closed.addEventListener('abort', () => resolve()))

/** Echoes, refuses, counts as far as it is asked for, and waits until the caller has gone. */
function methodsUnderTest(heard: string[] = []): GrpcMethods {
  return new Map([
    ['/test.Test/Echo', { type: 'unary', answer: async (request) => ok(request) }],
    [
      '/test.Test/Refuse',
      { type: 'unary', answer: async () => fail({ code: 'FailedPrecondition' as const, message: 'no: é' }) },
    ],
    ['/test.Test/Wait', { type: 'unary', answer: (_, { closed }) => waited(closed, heard) }],
    [
      '/test.Test/Count',
      {
        type: 'serverStream',
        async *answer(request, { closed }) {
          const [last = 0] = request
          for (let number = 1; number <= last && !closed.aborted; number++) yield ok(bytes(String(number)))
          if (last === 3) yield fail({ code: 'OutOfRange' as const, message: 'three is enough' })
          if (last !== 4) return
          await never(closed)
          heard.push('the stream has gone')
        },
      },
    ],
  ] satisfies [string, GrpcMethods extends ReadonlyMap<string, infer Method> ? Method : never][])
}

async function waited(closed: AbortSignal, heard: string[]): Promise<GrpcAnswer> {
  await never(closed)
  heard.push('the caller has gone')
  return ok(new Uint8Array(0))
}

async function take(answers: AsyncIterable<GrpcAnswer>, most: number): Promise<readonly string[]> {
  const taken: string[] = []
  for await (const answer of answers) {
    taken.push(text(answer))
    if (taken.length === most) break
  }
  return taken
}

function unwrap<T>(result: Result<T, Readonly<{ message: string }>>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

export function grpcContract(make: () => GrpcUnderTest): void {
  const withServer = async (
    check: (parts: GrpcUnderTest & Readonly<{ channel: GrpcChannel; heard: string[] }>) => Promise<void>,
  ): Promise<void> => {
    const parts = make()
    const heard: string[] = []
    const listener = unwrap(await parts.run(parts.grpc.listen(parts.socketPath, methodsUnderTest(heard))))
    const channel = parts.grpc.connect(parts.socketPath)
    try {
      await check({ ...parts, channel, heard })
    } finally {
      channel.close()
      await parts.run(listener.close())
    }
  }

  it('carries one message there and one back, whatever its size', () =>
    withServer(async ({ run, channel }) => {
      for (const size of [0, 1, 5_000_000]) {
        const answer = await run(channel.unary('/test.Test/Echo', new Uint8Array(size).fill(7), { timeoutMs }))
        expect(answer.ok && answer.value.length).toBe(size)
      }
    }))

  it('carries a refusal with its code and message', () =>
    withServer(async ({ run, channel }) => {
      const answer = await run(channel.unary('/test.Test/Refuse', new Uint8Array(0), { timeoutMs }))
      expect(answer).toEqual({ ok: false, error: { code: 'FailedPrecondition', message: 'no: é' } })
    }))

  it('says that a method is not implemented', () =>
    withServer(async ({ run, channel }) => {
      expect(text(await run(channel.unary('/test.Test/Other', new Uint8Array(0), { timeoutMs })))).toBe('Unimplemented')
    }))

  it('carries many messages in their order, and a failure as the last', () =>
    withServer(async ({ run, channel }) => {
      const count = (last: number) => take(channel.serverStream('/test.Test/Count', Uint8Array.of(last), {}), 1_000)
      expect(await run(count(200))).toEqual(Array.from({ length: 200 }, (_, at) => String(at + 1)))
      expect(await run(count(0))).toEqual([])
      expect(await run(count(3))).toEqual(['1', '2', '3', 'OutOfRange'])
    }))

  it('ends a call at its deadline, and tells the server', () =>
    withServer(async ({ run, channel, heard }) => {
      const answer = await run(channel.unary('/test.Test/Wait', new Uint8Array(0), { timeoutMs: 50 }))
      expect(text(answer)).toBe('DeadlineExceeded')
      await run(channel.unary('/test.Test/Echo', new Uint8Array(0), { timeoutMs }))
      expect(heard).toEqual(['the caller has gone'])
    }))

  it('cancels a call, and tells the server', () =>
    withServer(async ({ run, channel, heard }) => {
      const closing = new AbortController()
      const answer = channel.unary('/test.Test/Wait', new Uint8Array(0), { timeoutMs, closed: closing.signal })
      await run(channel.unary('/test.Test/Echo', new Uint8Array(0), { timeoutMs }))
      closing.abort()
      expect(text(await run(answer))).toBe('Cancelled')
      await run(channel.unary('/test.Test/Echo', new Uint8Array(0), { timeoutMs }))
      expect(heard).toEqual(['the caller has gone'])
    }))

  it('tells the server of a stream that its reader has left', () =>
    withServer(async ({ run, channel, heard }) => {
      expect(await run(take(channel.serverStream('/test.Test/Count', Uint8Array.of(4), {}), 4))).toHaveLength(4)
      while (heard.length === 0) await run(channel.unary('/test.Test/Echo', new Uint8Array(0), { timeoutMs }))
      expect(heard).toEqual(['the stream has gone'])
    }))

  it('says that nobody listens, finds a server that comes later, and loses one that goes', async () => {
    const { grpc, run, socketPath } = make()
    const channel = grpc.connect(socketPath)
    const echo = () => channel.unary('/test.Test/Echo', bytes('x'), { timeoutMs })
    try {
      expect(text(await run(echo()))).toBe('Unavailable')
      const listener = unwrap(await run(grpc.listen(socketPath, methodsUnderTest())))
      let answer = await run(echo())
      while (!answer.ok) answer = await run(echo())
      expect(text(answer)).toBe('x')
      const waiting = channel.unary('/test.Test/Wait', new Uint8Array(0), { timeoutMs })
      await run(echo())
      await run(listener.close())
      expect(text(await run(waiting))).toBe('Cancelled')
      expect(text(await run(echo()))).toBe('Unavailable')
    } finally {
      channel.close()
    }
  })

  it('refuses a socket on which somebody listens', () =>
    withServer(async ({ grpc, run, socketPath }) => {
      const second = await run(grpc.listen(socketPath, methodsUnderTest()))
      expect(!second.ok && second.error.code).toBe('AddressInUse')
    }))
}
