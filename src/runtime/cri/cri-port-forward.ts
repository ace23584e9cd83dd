import { makeEnder } from '../../api/ending.ts'
import { ok, type Result } from '../../api/result.ts'
import type { Duplex } from '../../ports/streams.ts'
import type { RuntimeError } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import type { SpdyStream } from '../streaming/spdy-stream.ts'
import { refused } from './cri-client.ts'
import { openStreams, textOf } from './cri-commands.ts'
import type { CriContext } from './cri-context.ts'

/** A connection of its own for each: a pair of streams, of which one tells what went wrong. */
export async function criPortForward(
  context: CriContext,
  sandboxId: string,
  port: number,
): Promise<Result<Duplex, RuntimeError>> {
  const answer = await context.client.runtime.PortForward({ podSandboxId: sandboxId, port: [port] })
  if (!answer.ok) return refused(answer.error)
  const left = makeEnder()
  const connection = await openStreams(context, answer.value.url, 'portforward.k8s.io', left.signal)
  if (!connection.ok) return connection
  const open = (streamtype: string): Promise<SpdyStream | undefined> =>
    connection.value.open(new Map(Object.entries({ streamtype, port: String(port), requestid: '0' })))
  const error = await open('error')
  const data = await open('data')
  if (error === undefined || data === undefined) {
    left.abort()
    return failed(`the container runtime did not take the streams of port ${port}`)
  }
  // Nothing is said to it.
  await error.end()
  return ok({
    readable: bytesOf(data, textOf(error)),
    write: data.write,
    end: data.end,
    destroy: left.abort,
  })
}

/** Throws at the end when the port could not be reached, or broke off. */
async function* bytesOf(data: SpdyStream, fault: Promise<string>): AsyncIterable<Uint8Array> {
  yield* data.readable
  const message = await fault
  if (message !== '') throw new Error(message)
}
