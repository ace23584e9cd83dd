import { ok, type Result } from '../../api/result.ts'
import type { GrpcFailure } from '../../ports/grpc.ts'
import type { ContainerRecord, SandboxRecord } from '../engine/engine-record.ts'
import type { CriContext } from './cri-context.ts'
import { refuse } from './cri-failure.ts'

export function sandboxes({ engine }: CriContext): readonly SandboxRecord[] {
  return engine.sandboxes().flatMap(({ id }) => engine.sandboxRecord(id) ?? [])
}

export function sandboxRecord(context: CriContext, wanted: string): Result<SandboxRecord, GrpcFailure> {
  const id = sandboxNamed(context, wanted)
  if (!id.ok) return id
  const record = context.engine.sandboxRecord(id.value)
  return record === undefined ? refuse('NotFound', `sandbox "${wanted}": not found`) : ok(record)
}

export function sandboxNamed({ engine }: CriContext, wanted: string): Result<string, GrpcFailure> {
  return idMatching(
    engine.sandboxes().map(({ id }) => id),
    wanted,
    'sandbox',
  )
}

export function containers({ engine }: CriContext): readonly ContainerRecord[] {
  return engine.containers().flatMap(({ id }) => engine.containerRecord(id) ?? [])
}

export function containersOf({ engine }: CriContext, sandboxId: string): readonly ContainerRecord[] {
  return engine
    .containers()
    .filter((container) => container.sandboxId === sandboxId)
    .flatMap(({ id }) => engine.containerRecord(id) ?? [])
}

export function containerRecord({ engine }: CriContext, wanted: string): Result<ContainerRecord, GrpcFailure> {
  const id = idMatching(
    engine.containers().map((container) => container.id),
    wanted,
    'container',
  )
  if (!id.ok) return id
  const record = engine.containerRecord(id.value)
  return record === undefined ? refuse('NotFound', `container "${wanted}": not found`) : ok(record)
}

/** Containers and sandboxes are found by their whole id or the beginning of one, as containerd's stores find them. */
function idMatching(ids: Iterable<string>, wanted: string, kind: 'container' | 'sandbox'): Result<string, GrpcFailure> {
  const matching = [...ids].filter((id) => wanted !== '' && id.startsWith(wanted))
  const [found] = matching
  if (found !== undefined && (matching.length === 1 || found === wanted)) return { ok: true, value: found }
  const why = found === undefined ? 'not found' : 'multiple IDs found with provided prefix'
  return refuse(
    found === undefined ? 'NotFound' : 'Unknown',
    `an error occurred when try to find ${kind} ${JSON.stringify(wanted)}: ${why}`,
  )
}
