import { fail, ok } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Grpc, GrpcAnswer, GrpcChannel, GrpcFailure, GrpcMethod, GrpcMethods } from '../../ports/grpc.ts'
import type { SimDisk } from './disk.ts'

type Listening = Readonly<{ methods: GrpcMethods; gone: AbortController }>
type World = Readonly<{ clock: Clock; latencyMs: number; servers: Map<string, Listening> }>

export interface SimGrpc extends Grpc {
  /** All servers go without a word, as when the machine loses power. */
  crash(): void
}

export type SimGrpcParts = Readonly<{
  clock: Clock
  latencyMs?: number
  /** Where sockets are seen; absent: nowhere. */
  disk?: Pick<SimDisk, 'makeSocket' | 'remove'>
}>

/** Calls in memory: each message is under way for a while, and a server that goes takes its calls with it. */
export function simGrpc({ clock, latencyMs = 1, disk }: SimGrpcParts): SimGrpc {
  const servers = new Map<string, Listening>()
  return {
    connect: (socketPath) => channel({ clock, latencyMs, servers }, socketPath),
    async listen(socketPath, methods) {
      if (servers.has(socketPath))
        return fail({
          code: 'AddressInUse' as const,
          message: `listen unix ${socketPath}: bind: address already in use`,
        })
      const listening = { methods, gone: new AbortController() }
      servers.set(socketPath, listening)
      await disk?.makeSocket(socketPath)
      return ok({
        async close() {
          listening.gone.abort(cancelled)
          if (servers.get(socketPath) !== listening) return
          servers.delete(socketPath)
          await disk?.remove(socketPath)
        },
      })
    },
    crash() {
      for (const { gone } of servers.values()) gone.abort(dropped)
      servers.clear()
    },
  }
}

const failure = (code: GrpcFailure['code'], message: string) => fail<GrpcFailure>({ code, message })

type Found<Type> = Readonly<{ method: Extract<GrpcMethod, { type: Type }>; gone: AbortSignal }>

/** The method of that type, once the request has arrived. */
async function arrive<Type extends GrpcMethod['type']>(
  { clock, latencyMs, servers }: World,
  socketPath: string,
  path: string,
  type: Type,
): Promise<Found<Type> | ReturnType<typeof failure>> {
  await clock.sleep(latencyMs)
  const server = servers.get(socketPath)
  if (server === undefined)
    return failure('Unavailable', `No connection established. Last error: connect ECONNREFUSED ${socketPath}`)
  const method = server.methods.get(path)
  if (method?.type !== type) return failure('Unimplemented', `The server does not implement the method ${path}`)
  return { method: method as Found<Type>['method'], gone: server.gone.signal }
}

function channel(world: World, socketPath: string): GrpcChannel {
  const { clock, latencyMs } = world
  const own = new AbortController()
  return {
    unary(path, request, { timeoutMs, closed }) {
      const call = openCall(own.signal, closed)
      const timer = clock.after(timeoutMs, () => call.end(failure('DeadlineExceeded', 'Deadline exceeded')))
      const work = async (): Promise<GrpcAnswer> => {
        const found = await arrive(world, socketPath, path, 'unary')
        if ('ok' in found) return found
        call.endWith(found.gone)
        const answer = await found.method.answer(request, { closed: call.closed })
        await clock.sleep(latencyMs)
        return answer
      }
      void work().then(call.end)
      return call.ended.finally(() => timer.cancel())
    },
    async *serverStream(path, request, { closed }) {
      const call = openCall(own.signal, closed)
      try {
        const found = await arrive(world, socketPath, path, 'serverStream')
        if ('ok' in found) return yield found
        call.endWith(found.gone)
        const messages = found.method.answer(request, { closed: call.closed })[Symbol.asyncIterator]()
        // One message ahead of its reader.
        let coming = messages.next()
        for (;;) {
          const next = await Promise.race([call.ended, coming])
          if ('ok' in next) return yield next
          if (next.done === true) return
          if (next.value.ok) coming = messages.next()
          await clock.sleep(latencyMs)
          yield next.value
          if (!next.value.ok) return
        }
      } finally {
        call.end(cancelled)
      }
    },
    close: () => own.abort(),
  }
}

const dropped = failure('Unavailable', 'Connection dropped')
const cancelled = failure('Cancelled', 'Cancelled on client')

type OpenCall = Readonly<{
  /** What the server hears: aborted when the call has ended. */
  closed: AbortSignal
  /** Ends it, if nothing has yet. */
  end: (answer: GrpcAnswer) => void
  /** Once the signal is aborted: as cancelled, or as dropped if that is its reason. */
  endWith: (signal: AbortSignal) => void
  ended: Promise<GrpcAnswer>
}>

/** A call that ends once, by its answer or by whatever ends it before. */
function openCall(...cancelledBy: readonly (AbortSignal | undefined)[]): OpenCall {
  const closed = new AbortController()
  let resolve: (answer: GrpcAnswer) => void = () => {}
  const ended = new Promise<GrpcAnswer>((settle) => (resolve = settle))
  const end = (answer: GrpcAnswer): void => {
    resolve(answer)
    closed.abort()
  }
  const endWith = (signal: AbortSignal): void => {
    const stop = (): void => end(signal.reason === dropped ? dropped : cancelled)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true, signal: closed.signal })
  }
  for (const signal of cancelledBy) if (signal !== undefined) endWith(signal)
  return { closed: closed.signal, end, endWith, ended }
}
