import type { Result } from '../../api/result.ts'
import type { MessageSocket } from '../../ports/streams.ts'
import { byteChannel } from './byte-channel.ts'
import { channelCodec } from './command-socket.ts'
import type { ForwardSide } from './forward-port.ts'

export const socketForwardProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''] as const

/** Two channels for each port: data 2n and error 2n+1, each of which begins with the port as 16 bits, the low byte first. */
export async function socketForward(
  socket: MessageSocket,
  protocol: string,
  ports: readonly number[],
  forward: (port: number, side: ForwardSide) => Promise<Result<void, string>>,
): Promise<void> {
  const codec = channelCodec(protocol)
  const incoming = ports.map(() => byteChannel())
  const send = (channel: number, bytes: Uint8Array): Promise<void> => socket.send(codec.encode(channel, bytes))
  const receive = async (): Promise<void> => {
    for await (const message of socket.messages) {
      if (message.length === 0) continue
      const { channel, bytes } = codec.decode(message)
      if (channel % 2 === 0) await incoming[channel / 2]?.push(bytes)
    }
  }
  const finish = (): void => {
    for (const channel of incoming) channel.end()
  }
  void receive().then(finish, finish)
  await Promise.all(
    ports.map(async (port, at) => {
      const number = Uint8Array.of(port & 0xff, port >> 8)
      await send(2 * at, number)
      await send(2 * at + 1, number)
      const readable = incoming[at]?.chunks
      if (readable === undefined) return
      const ended = await forward(port, { readable, write: (chunk) => send(2 * at, chunk) })
      if (!ended.ok) await send(2 * at + 1, new TextEncoder().encode(ended.error))
    }),
  )
  socket.close(1000, '')
}
