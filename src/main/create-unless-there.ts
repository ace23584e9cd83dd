import type { Kind } from '../api/kinds.ts'
import type { Client, Draft } from '../client/client.ts'

/** Throws where the object is neither there nor can be made. */
export async function createUnlessThere<T>(client: Client, kind: Kind<T>, object: Draft<T>): Promise<void> {
  const created = await client.create(kind, object)
  if (!created.ok && created.error.reason !== 'AlreadyExists') {
    throw new Error(`cannot create ${kind.singular} ${object.metadata.name}: ${created.error.message}`)
  }
}
