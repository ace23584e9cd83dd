import { expect, it } from 'vitest'
import type { DatagramPeer, Datagrams } from '../../ports/datagrams.ts'

export type DatagramsUnderTest = Readonly<{ datagrams: Datagrams; run: <T>(promise: Promise<T>) => Promise<T> }>

const address = '127.0.0.1'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export function datagramsContract(make: () => DatagramsUnderTest): void {
  const bound = async (
    { datagrams, run }: DatagramsUnderTest,
    onDatagram: (datagram: Uint8Array, from: DatagramPeer) => void,
  ) => {
    const socket = await run(datagrams.bind({ address, port: 0 }, onDatagram))
    if (!socket.ok) throw new Error(socket.error.message)
    return socket.value
  }

  it('carries datagrams there and back', async () => {
    const under = make()
    const server = await bound(under, (datagram, from) => {
      void server.send(bytes(new TextDecoder().decode(datagram).toUpperCase()), from)
    })
    let heard: (answer: readonly [string, DatagramPeer]) => void = () => {}
    const answer = new Promise<readonly [string, DatagramPeer]>((resolve) => {
      heard = resolve
    })
    const client = await bound(under, (datagram, from) => heard([new TextDecoder().decode(datagram), from]))
    expect(await under.run(client.send(bytes('hello'), server))).toBe(true)
    expect(await under.run(answer)).toEqual(['HELLO', { address, port: server.port }])
    await under.run(Promise.all([client.close(), server.close()]))
  })

  it('gives a port to one socket at a time', async () => {
    const under = make()
    const first = await bound(under, () => {})
    const at = { address, port: first.port }
    expect(await under.run(under.datagrams.bind(at, () => {}))).toMatchObject({
      ok: false,
      error: { code: 'AddressInUse' },
    })
    await under.run(first.close())
    const again = await under.run(under.datagrams.bind(at, () => {}))
    expect(again.ok).toBe(true)
    if (again.ok) await under.run(again.value.close())
  })

  it('sends nothing once closed, and closes twice without harm', async () => {
    const under = make()
    const socket = await bound(under, () => {})
    await under.run(socket.close())
    await under.run(socket.close())
    expect(await under.run(socket.send(bytes('x'), { address, port: 9 }))).toBe(false)
  })
}
