import { decodeBase64, encodeBase64 } from '../../api/base64.ts'
import { makeEnder } from '../../api/ending.ts'
import type { MessageSocket } from '../../ports/streams.ts'
import { byteChannel } from './byte-channel.ts'
import type { CommandOptions, CommandStreams } from './serve-command.ts'
import { parseTerminalSize, terminalSizes } from './terminal-sizes.ts'

/** Channels: the first byte of every message. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const
const closeSignal = 255

/** Newest first; 'base64' ones carry text, only v4 and v5 end with a Status in JSON, and only v5 can close stdin. */
export const commandProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const

/** Exec and attach over a WebSocket's channels. */
export function socketStreams(socket: MessageSocket, protocol: string, options: CommandOptions): CommandStreams {
  const codec = channelCodec(protocol)
  const stdin = byteChannel()
  const sizes = terminalSizes()
  const gone = makeEnder()
  const send = (channel: number, bytes: Uint8Array): Promise<void> => socket.send(codec.encode(channel, bytes))

  const receive = async (): Promise<void> => {
    for await (const message of socket.messages) {
      if (protocol === commandProtocols[0] && message[0] === closeSignal) {
        if (message[1] === channels.stdin) stdin.end()
        continue
      }
      const { channel, bytes } = codec.decode(message)
      if (channel === channels.stdin && options.stdin) await stdin.push(bytes)
      if (channel === channels.resize) {
        const size = parseTerminalSize(new TextDecoder().decode(bytes))
        if (size !== undefined) sizes.set(size)
      }
    }
  }
  const finish = (): void => {
    stdin.end()
    sizes.end()
    gone.abort()
  }
  void receive().then(finish, finish)
  // Tells the client that the connection stands: an empty message on the first channel it may hear.
  void send(options.stdout ? channels.stdout : options.stderr ? channels.stderr : channels.error, new Uint8Array())
  return {
    io: {
      ...(options.stdin ? { stdin: stdin.chunks } : {}),
      stdout: (chunk) => (options.stdout ? send(channels.stdout, chunk) : Promise.resolve()),
      stderr: (chunk) => (options.stderr ? send(channels.stderr, chunk) : Promise.resolve()),
      resizes: sizes.sizes,
      closed: gone.signal,
    },
    async finish(status) {
      const json = protocol.startsWith('v4.') || protocol.startsWith('v5.')
      const text = json ? JSON.stringify(status) : (status.message ?? '')
      if (json || status.status !== 'Success') await send(channels.error, new TextEncoder().encode(text))
      stdin.abandon()
      socket.close(1000, '')
    },
  }
}

export type ChannelCodec = Readonly<{
  encode(channel: number, bytes: Uint8Array): Uint8Array | string
  decode(message: Uint8Array): Readonly<{ channel: number; bytes: Uint8Array }>
}>

/** Binary messages begin with the channel's number, base64 ones with its digit. */
export function channelCodec(protocol: string): ChannelCodec {
  if (protocol.includes('base64'))
    return {
      encode: (channel, bytes) => `${channel}${encodeBase64(bytes)}`,
      decode: (message) => ({
        channel: (message[0] ?? 0) - 0x30,
        bytes: decodeBase64(new TextDecoder().decode(message.subarray(1))),
      }),
    }
  return {
    encode(channel, bytes) {
      const message = new Uint8Array(bytes.length + 1)
      message[0] = channel
      message.set(bytes, 1)
      return message
    },
    decode: (message) => ({ channel: message[0] ?? 0, bytes: message.subarray(1) }),
  }
}
