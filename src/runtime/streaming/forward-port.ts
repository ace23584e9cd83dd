import { fail, ok, type Result } from '../../api/result.ts'
import type { PodRuntime } from '../pod-runtime.ts'

export type ForwardTarget = Readonly<{ runtime: PodRuntime; sandboxId: string; uid: string }>

/** The client's end of a forwarded connection. */
export type ForwardSide = Readonly<{ readable: AsyncIterable<Uint8Array>; write(chunk: Uint8Array): Promise<void> }>

/**
 * Carries bytes between a client and a port of the pod until the pod's side has ended. A client that has nothing more to send may still
 * be answered. The error is worded as the original's.
 */
export async function forwardPort(
  { runtime, sandboxId, uid }: ForwardTarget,
  port: number,
  side: ForwardSide,
): Promise<Result<void, string>> {
  const connected = await runtime.portForward(sandboxId, port)
  if (!connected.ok)
    return fail(`error forwarding port ${port} to pod ${sandboxId}, uid ${uid}: ${connected.error.message}`)
  const duplex = connected.value
  const upward = async (): Promise<void> => {
    for await (const chunk of side.readable) await duplex.write(chunk)
    await duplex.end()
  }
  // A client that breaks off ends its half; the other half tells when all is over.
  void upward().catch(() => duplex.destroy())
  try {
    for await (const chunk of duplex.readable) await side.write(chunk)
    return ok(undefined)
  } catch (error) {
    // A runtime behind a socket tells only afterwards that it could not connect, in these very words.
    return fail((error as Error).message)
  } finally {
    duplex.destroy()
  }
}
