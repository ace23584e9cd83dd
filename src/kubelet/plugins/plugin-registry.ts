import { fail, ok, type Result } from '../../api/result.ts'
import { registration } from '../../api/rpc/plugin-registration.generated.ts'
import { rpcClient } from '../../client/rpc.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { Grpc } from '../../ports/grpc.ts'
import type { Log } from '../../ports/log.ts'
import { type SocketWatchDeps, watchSockets } from './socket-watch.ts'

export type Plugin = Readonly<{ name: string; endpoint: string; versions: readonly string[] }>

/** What becomes of the plugins of one type. */
export interface PluginHandler {
  /** Why the kubelet cannot use such a plugin; undefined when it can. */
  validate(plugin: Plugin): string | undefined
  /** Resolves when the plugin is in use, or with why it cannot be. */
  register(plugin: Plugin): Promise<string | undefined>
  deregister(plugin: Plugin): void
}

/** By the type that plugins give for themselves: 'CSIPlugin', 'DRAPlugin', 'DevicePlugin'. */
export type PluginHandlers = ReadonlyMap<string, PluginHandler>

export type PluginRegistryDeps = SocketWatchDeps & Readonly<{ grpc: Grpc; clock: Clock; log: Log }>

const infoTimeoutMs = 1_000
const notifyTimeoutMs = 5_000
/** As of the original's exponential back-off of operations. */
const firstRetryMs = 500
const largestRetryMs = 122_000

type Seen = {
  /** Tells one life of the socket from the next. */
  identity: string
  registered?: Readonly<{ handler: PluginHandler; plugin: Plugin }>
  failures: number
  timer?: Timer
}

/**
 * Registers every plugin whose socket appears in the folder, and lets go of those whose socket goes: kubelet's plugin registration v1, as
 * its pkg/kubelet/pluginmanager. What fails is tried again.
 */
export async function startPluginRegistry(
  deps: PluginRegistryDeps,
  folder: string,
  handlers: PluginHandlers,
): Promise<Readonly<{ stop(): void }>> {
  const { clock, log } = deps
  const sockets = new Map<string, Seen>()
  let stopped = false

  const drop = (path: string): void => {
    const seen = sockets.get(path)
    seen?.timer?.cancel()
    sockets.delete(path)
    if (seen?.registered !== undefined) seen.registered.handler.deregister(seen.registered.plugin)
  }
  const add = async (path: string, seen: Seen): Promise<void> => {
    const isCurrent = (): boolean => !stopped && sockets.get(path) === seen
    const registered = await registerPlugin(deps, path, handlers, isCurrent)
    if (!isCurrent()) {
      if (registered.ok) registered.value.handler.deregister(registered.value.plugin)
      return
    }
    if (registered.ok) {
      seen.registered = registered.value
      return
    }
    log.warn('a plugin could not be registered', { socket: path, message: registered.error })
    const waitMs = Math.min(largestRetryMs, firstRetryMs * 2 ** seen.failures)
    seen.failures += 1
    seen.timer = clock.after(waitMs, () => void add(path, seen))
  }
  const watch = await watchSockets(deps, folder, (found) => {
    if (stopped) return
    for (const [path, { identity }] of [...sockets]) if (found.get(path) !== identity) drop(path)
    for (const [path, identity] of found) {
      if (sockets.has(path)) continue
      const seen: Seen = { identity, failures: 0 }
      sockets.set(path, seen)
      void add(path, seen)
    }
  })
  return {
    stop() {
      stopped = true
      watch.stop()
      for (const { timer } of sockets.values()) timer?.cancel()
    },
  }
}

type Registered = Readonly<{ handler: PluginHandler; plugin: Plugin }>

/** GetInfo, then the handler's word, then NotifyRegistrationStatus: the plugin is told what came of it. */
async function registerPlugin(
  { grpc }: PluginRegistryDeps,
  path: string,
  handlers: PluginHandlers,
  isWanted: () => boolean,
): Promise<Result<Registered, string>> {
  const channel = grpc.connect(path)
  try {
    const client = rpcClient(channel, registration)
    const info = await client.GetInfo({}, { timeoutMs: infoTimeoutMs })
    if (!info.ok)
      return fail(
        `RegisterPlugin error -- failed to get plugin info using RPC GetInfo at socket ${path}, err: ${info.error.message}`,
      )
    const refuse = async (error: string): Promise<Result<never, string>> => {
      await client.NotifyRegistrationStatus({ pluginRegistered: false, error }, { timeoutMs: notifyTimeoutMs })
      return fail(error)
    }
    const { type, name, endpoint, supportedVersions: versions } = info.value
    const handler = handlers.get(type)
    if (handler === undefined)
      return refuse(`RegisterPlugin error -- no handler registered for plugin type: ${type} at socket ${path}`)
    const plugin: Plugin = { name, endpoint: endpoint === '' ? path : endpoint, versions }
    const fault = handler.validate(plugin)
    if (fault !== undefined) return refuse(`RegisterPlugin error -- plugin validation failed with err: ${fault}`)
    const failed = await handler.register(plugin)
    if (failed !== undefined) return refuse(`RegisterPlugin error -- plugin registration failed with err: ${failed}`)
    const told = isWanted()
      ? await client.NotifyRegistrationStatus({ pluginRegistered: true }, { timeoutMs: notifyTimeoutMs })
      : ok({})
    if (told.ok) return ok({ handler, plugin })
    handler.deregister(plugin)
    return fail(
      `RegisterPlugin error -- failed to send registration status at socket ${path}, err: ${told.error.message}`,
    )
  } finally {
    channel.close()
  }
}
