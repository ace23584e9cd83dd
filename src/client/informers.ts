import type { Pod, VolumeAttachment } from '../api/kinds.generated.ts'
import { groupResource, type Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { claimKeysOf } from '../api/persistent-volume.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Indexes } from './cache.ts'
import type { Client } from './client.ts'
import type { Informer } from './informer.ts'
import { startInformer } from './start-informer.ts'

export type Informers = Readonly<{
  /**
   * The one informer of a kind, started when first asked for. Indexes: 'namespace'; 'owner', by the uid of each owner; 'orphan', by the
   * namespace of objects that no controller owns; for pods and volume attachments 'node', by spec.nodeName ('' for those that have
   * none); for pods 'claim', by the keys of the persistent volume claims that they use.
   */
  of<T>(kind: Kind<T>): Informer<T>
  /** Ends the kind's informer: it is served no more. */
  drop(kind: Kind): void
  /** When all that have been asked for are. */
  whenSynced(): Promise<void>
  stop(): void
}>

export type InformersDeps = Readonly<{ client: Client; clock: Clock; random: Random; log: Log }>

/** Shared informers: however many read a kind, it is listed, watched and kept once. */
export function makeInformers(deps: InformersDeps): Informers {
  const byResource = new Map<string, Informer<unknown>>()
  /** The same, found without making a text of the kind. */
  const byKind = new WeakMap<object, Informer<unknown>>()
  const find = <T>(kind: Kind<T>): Informer<unknown> => {
    const resource = groupResource(kind)
    const known = byResource.get(resource)
    if (known !== undefined) return known
    const informer = startInformer<T>({ ...deps, kind, indexes: indexesOf(kind) }) as unknown as Informer<unknown>
    byResource.set(resource, informer)
    return informer
  }
  return {
    of<T>(kind: Kind<T>): Informer<T> {
      const informer = byKind.get(kind) ?? find(kind)
      byKind.set(kind, informer)
      // The maps hold for each resource the informer of its own kind.
      return informer as unknown as Informer<T>
    },
    drop(kind) {
      const resource = groupResource(kind)
      byResource.get(resource)?.stop()
      byResource.delete(resource)
    },
    async whenSynced() {
      for (const informer of byResource.values()) await informer.whenSynced()
    },
    stop() {
      for (const informer of byResource.values()) informer.stop()
    },
  }
}

function indexesOf<T>(kind: Kind<T>): Indexes<T> {
  const general = {
    namespace: (object: Stored<T>) => [object.metadata.namespace ?? ''],
    owner: (object: Stored<T>) => (object.metadata.ownerReferences ?? []).map(({ uid }) => uid),
    orphan: orphanOf,
  }
  switch (groupResource(kind)) {
    case 'pods':
      return { ...general, node: nodeOf, claim: claimsOf }
    case 'volumeattachments.storage.k8s.io':
      return { ...general, node: nodeOf }
    default:
      return general
  }
}

function orphanOf({ metadata }: Stored<unknown>): readonly string[] {
  return metadata.ownerReferences?.some(({ controller }) => controller) ? [] : [metadata.namespace ?? '']
}

function nodeOf(object: Stored<unknown>): readonly string[] {
  const { spec } = object as unknown as Stored<Pod | VolumeAttachment>
  return [spec.nodeName ?? '']
}

function claimsOf(object: Stored<unknown>): readonly string[] {
  return claimKeysOf(object as unknown as Stored<Pod>)
}
