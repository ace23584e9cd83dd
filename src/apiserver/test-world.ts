import type { Disk } from '../ports/disk.ts'
import { openStore, type Store } from '../store/store.ts'
import type { ApiServerConfig, ServerParts } from './server.ts'
import { type Send, sender, testServer } from './test-exchange.ts'

type Run = <T>(promise: Promise<T>) => Promise<T>
type Host = Pick<ServerParts, 'clock' | 'random' | 'log' | 'keys'> & Readonly<{ disk: Disk; run: Run }>

export type TestWorld = Readonly<{ store: Store; send: Send }>

/** For tests: an API server that has started, on simulated parts. */
export async function testWorld(
  host: Host,
  parts: Partial<Omit<ServerParts, 'schema' | 'config'>> = {},
  config: Partial<ApiServerConfig> = {},
): Promise<TestWorld> {
  const { clock, random, log, keys, disk, run } = host
  const store = parts.store ?? (await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} })))
  const server = await testServer({ clock, random, keys, log, ...parts, store }, config)
  await run(server.start())
  const raw = sender(server.handler)
  return { store, send: (...request) => run(raw(...request)) }
}
