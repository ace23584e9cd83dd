import { makeEnder } from '../../api/ending.ts'
import { ok, type Result } from '../../api/result.ts'
import type { ContainerError } from '../../ports/containers.ts'
import type { Duplex } from '../../ports/streams.ts'
import { planExec } from '../plan/plan-container.ts'
import type { IoStreams, PodRuntime, RuntimeError } from '../pod-runtime.ts'
import { failed, withinDisk } from '../runtime-failure.ts'
import { readConfig } from './engine-containers.ts'
import type { EngineContext } from './engine-context.ts'

const dialTimeoutMs = 10_000

export function execSync(
  context: EngineContext,
  ...[id, command, timeoutMs, limitBytes]: Parameters<PodRuntime['execSync']>
): ReturnType<PodRuntime['execSync']> {
  return withinDisk(async () => {
    const missing = notRunning(context, id)
    if (missing !== undefined) return missing
    const stdout = boundedBytes(limitBytes)
    const stderr = boundedBytes(limitBytes)
    const streams = { stdout: stdout.add, stderr: stderr.add, closed: makeEnder().signal }
    const process = planExec((await readConfig(context, id)).process, command, false)
    const outcome = await context.containers.exec(id, { process, ...(timeoutMs > 0 ? { timeoutMs } : {}) }, streams)
    if (!outcome.ok) return execFailure(outcome.error)
    return ok({ ...outcome.value, stdout: stdout.whole(), stderr: stderr.whole() })
  })
}

/** Collects up to a limit; what goes beyond is dropped. */
function boundedBytes(limitBytes: number) {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  return {
    async add(chunk: Uint8Array): Promise<void> {
      const part = chunk.slice(0, Math.max(0, limitBytes - sizeBytes))
      sizeBytes += part.length
      if (part.length > 0) parts.push(part)
    },
    whole(): Uint8Array {
      const all = new Uint8Array(sizeBytes)
      let at = 0
      for (const part of parts) {
        all.set(part, at)
        at += part.length
      }
      return all
    },
  }
}

export function exec(
  context: EngineContext,
  ...[id, command, tty, io]: Parameters<PodRuntime['exec']>
): ReturnType<PodRuntime['exec']> {
  return withinDisk(async () => {
    const missing = notRunning(context, id)
    if (missing !== undefined) return missing
    const process = planExec((await readConfig(context, id)).process, command, tty)
    const outcome = await context.containers.exec(id, { process }, io)
    return outcome.ok ? ok({ exitCode: outcome.value.exitCode }) : execFailure(outcome.error)
  })
}

export async function attach(context: EngineContext, id: string, io: IoStreams): Promise<Result<void, RuntimeError>> {
  const missing = notRunning(context, id)
  if (missing !== undefined) return missing
  const attached = await context.containers.attach(id, io, context.state.containers.get(id)?.spec.tty ?? false)
  return attached.ok ? ok(undefined) : failed(attached.error.message)
}

export async function reopenLog(context: EngineContext, id: string): Promise<Result<void, RuntimeError>> {
  const missing = notRunning(context, id)
  if (missing !== undefined) return missing
  const logPath = context.state.containers.get(id)?.spec.logPath ?? ''
  if (logPath === '') return ok(undefined)
  const reopened = await context.containers.reopenLog(id, logPath)
  return reopened.ok ? ok(undefined) : failed(reopened.error.message)
}

export async function portForward(
  { state, streams }: EngineContext,
  sandboxId: string,
  port: number,
): Promise<Result<Duplex, RuntimeError>> {
  const sandbox = state.sandboxes.get(sandboxId)
  if (sandbox === undefined) return failed(`sandbox ${sandboxId} does not exist`, 'NotFound')
  if (sandbox.state !== 'ready') return failed(`sandbox ${sandboxId} is not ready`)
  const { netPath } = sandbox.namespaces
  const target = { host: '127.0.0.1', port, timeoutMs: dialTimeoutMs }
  const dialled = await streams.dial(netPath === undefined ? target : { ...target, netnsPath: netPath })
  return dialled.ok ? dialled : failed(`failed to dial ${port}: ${dialled.error.message}`)
}

function notRunning({ state }: EngineContext, id: string): Result<never, RuntimeError> | undefined {
  const record = state.containers.get(id)
  if (record === undefined) return failed(`container "${id}" in namespace "k8s.io": not found`, 'NotFound')
  return record.state === 'running'
    ? undefined
    : failed(`container is in CONTAINER_${record.state.toUpperCase()} state`)
}

function execFailure({ message }: ContainerError): Result<never, RuntimeError> {
  return failed(`failed to exec in container: OCI runtime exec failed: exec failed: ${message}`)
}
