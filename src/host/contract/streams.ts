import { expect, it } from 'vitest'
import type { DialTarget, Duplex, Streams } from '../../ports/streams.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export type StreamsUnderTest = Readonly<{
  streams: Streams
  run: <T>(promise: Promise<T>) => Promise<T>
  /** A server that sends back, in capitals, what it got by the time the client has closed its side. */
  shouting: () => Promise<Readonly<{ target: DialTarget; close(): void }>>
  closedPort: DialTarget
}>

export async function readAll({ readable }: Duplex): Promise<string> {
  let content = ''
  for await (const chunk of readable) content += new TextDecoder().decode(chunk)
  return content
}

export function streamsContract(make: () => StreamsUnderTest): void {
  it('carries bytes both ways and closes each direction by itself', async () => {
    const { streams, run, shouting } = make()
    const server = await run(shouting())
    try {
      const dialled = await run(streams.dial(server.target))
      if (!dialled.ok) throw new Error(dialled.error.message)
      await run(dialled.value.write(bytes('hello ')))
      await run(dialled.value.write(bytes('there')))
      await run(dialled.value.end())
      expect(await run(readAll(dialled.value))).toBe('HELLO THERE')
    } finally {
      server.close()
    }
  })

  it('says that a connection was refused', async () => {
    const { streams, run, closedPort } = make()
    const dialled = await run(streams.dial(closedPort))
    expect(!dialled.ok && dialled.error.code).toBe('Refused')
  })
}
