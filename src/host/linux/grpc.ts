import { unlink } from 'node:fs/promises'
import { createServer, connect as dial, type Server as NetServer, type Socket } from 'node:net'
import type { Client, Server } from '@grpc/grpc-js'
import { fail, ok } from '../../api/result.ts'
import type { Grpc, GrpcChannel, GrpcListenError, GrpcMethods } from '../../ports/grpc.ts'
import { answeringServerStream, answeringUnary, asBytes, asMessage, callServerStream, callUnary } from './grpc-calls.ts'

type Library = typeof import('@grpc/grpc-js')

const options = {
  // containerd, like all servers in Go, refuses the path that the library would name as its authority.
  'grpc.default_authority': 'localhost',
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 3_000,
}

/** Its library is loaded for the first call, there or here: most clusters see none. */
export function linuxGrpc(): Grpc {
  let loading: Promise<Library> | undefined
  const load = (): Promise<Library> => (loading ??= import('@grpc/grpc-js').then((module) => module.default))
  return {
    connect: (socketPath) => channel(load, socketPath),
    async listen(socketPath, methods) {
      const inUse = await clearPath(socketPath)
      if (inUse !== undefined) return fail(inUse)
      let serving: Promise<Serving> | undefined
      const listener = createServer((socket) => {
        serving ??= load().then((grpc) => servingOf(grpc, methods))
        void serving.then(({ take }) => take(socket))
      })
      const failed = await bind(listener, socketPath)
      if (failed !== undefined) return fail(failed)
      return ok({
        async close() {
          listener.close()
          ;(await serving)?.server.forceShutdown()
          await unlink(socketPath).catch(() => {})
        },
      })
    },
  }
}

function channel(load: () => Promise<Library>, socketPath: string): GrpcChannel {
  let connecting: Promise<Client> | undefined
  let isClosed = false
  const client = (): Promise<Client> =>
    (connecting ??= load().then((grpc) => {
      const made = new grpc.Client(`unix:${socketPath}`, grpc.credentials.createInsecure(), options)
      if (isClosed) made.close()
      return made
    }))
  return {
    unary: async (method, request, call) => callUnary(await client(), method, request, call),
    async *serverStream(method, request, call) {
      yield* callServerStream(await client(), method, request, call)
    },
    close() {
      isClosed = true
      void connecting?.then((made) => made.close())
    },
  }
}

type Serving = Readonly<{ server: Server; take(socket: Socket): void }>

function servingOf(grpc: Library, methods: GrpcMethods): Serving {
  const server = new grpc.Server(options)
  for (const [path, method] of methods) {
    const handle = method.type === 'unary' ? answeringUnary(method) : answeringServerStream(method)
    server.register(path, handle, asBytes, asMessage, method.type)
  }
  const connections = server.createConnectionInjector(grpc.ServerCredentials.createInsecure())
  return { server, take: (socket) => connections.injectConnection(socket) }
}

/** Removes a socket that nobody listens on; undefined when the path is free. */
async function clearPath(socketPath: string): Promise<GrpcListenError | undefined> {
  const outcome = await new Promise<string>((resolve) => {
    const socket = dial(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''))
  })
  if (outcome === 'connected')
    return { code: 'AddressInUse', message: `listen unix ${socketPath}: bind: address already in use` }
  if (outcome === 'ECONNREFUSED') await unlink(socketPath).catch(() => {})
  return undefined
}

function bind(listener: NetServer, socketPath: string): Promise<GrpcListenError | undefined> {
  return new Promise((resolve) => {
    listener.once('error', ({ code = '', message }: NodeJS.ErrnoException) =>
      resolve({ code: /EACCES|EPERM/.test(code) ? 'PermissionDenied' : 'Other', message }),
    )
    listener.listen(socketPath, () => resolve(undefined))
  })
}
