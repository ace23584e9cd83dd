import { expect, it } from 'vitest'
import type { StreamListener } from '../../ports/stream-listener.ts'
import type { Duplex, Streams } from '../../ports/streams.ts'
import { readAll } from './streams.ts'

export type ListenerUnderTest = Readonly<{
  listener: StreamListener
  streams: Streams
  run: <T>(promise: Promise<T>) => Promise<T>
}>

const address = '127.0.0.1'

async function shout(connection: Duplex): Promise<void> {
  await connection.write(new TextEncoder().encode((await readAll(connection)).toUpperCase()))
  await connection.end()
}

export function streamListenerContract(make: () => ListenerUnderTest): void {
  it('accepts what is dialled, until it is closed', async () => {
    const { listener, streams, run } = make()
    const listening = await run(listener.listen({ address, port: 0 }, 10, (connection) => void shout(connection)))
    if (!listening.ok) throw new Error(listening.error.message)
    const target = { host: address, port: listening.value.port, timeoutMs: 5_000 }
    const dialled = await run(streams.dial(target))
    if (!dialled.ok) throw new Error(dialled.error.message)
    await run(dialled.value.write(new TextEncoder().encode('hello')))
    await run(dialled.value.end())
    expect(await run(readAll(dialled.value))).toBe('HELLO')
    const again = listener.listen({ address, port: listening.value.port }, 10, () => {})
    expect(await run(again)).toMatchObject({ ok: false, error: { code: 'AddressInUse' } })
    await run(listening.value.close())
    expect(await run(streams.dial(target))).toMatchObject({ ok: false, error: { code: 'Refused' } })
  })

  it('drops connections beyond its limit, and those that are open when it closes', async () => {
    const { listener, streams, run } = make()
    let accepted = 0
    const listening = await run(listener.listen({ address, port: 0 }, 1, () => accepted++))
    if (!listening.ok) throw new Error(listening.error.message)
    const target = { host: address, port: listening.value.port, timeoutMs: 5_000 }
    const first = await run(streams.dial(target))
    const second = await run(streams.dial(target))
    if (second.ok) expect(await run(readAll(second.value))).toBe('')
    expect(accepted).toBe(1)
    await run(listening.value.close())
    if (first.ok) expect(await run(readAll(first.value))).toBe('')
  })
}
