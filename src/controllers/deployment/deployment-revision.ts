import type { Deployment, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import {
  byAge,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  maxSurge,
  replicasOf,
  type Sets,
} from './deployment-arithmetic.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
/** The history of revisions a ReplicaSet has served is cut at this length. */
const historyLimitCharacters = 2000

const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
])

const largestInt64 = 2n ** 63n - 1n

/** 0 where there is none; undefined where it cannot be read. All of an int64: clients may have set it. */
export function revisionOf(set: Stored<ReplicaSet>): bigint | undefined {
  const text = set.metadata.annotations?.[revisionAnnotation]
  if (text === undefined) return 0n
  const revision = /^-?[0-9]{1,19}$/.test(text) ? BigInt(text) : undefined
  return revision !== undefined && revision >= -largestInt64 && revision <= largestInt64 ? revision : undefined
}

export function highestRevision(sets: Sets): bigint {
  return sets.reduce((highest, set) => {
    const revision = revisionOf(set) ?? 0n
    return revision > highest ? revision : highest
  }, 0n)
}

/** From the oldest revision to the newest. */
export function byRevision(a: Stored<ReplicaSet>, b: Stored<ReplicaSet>): number {
  const [left, right] = [revisionOf(a), revisionOf(b)]
  return left === undefined || right === undefined || left === right ? byAge(a, b) : left < right ? -1 : 1
}

/**
 * The new ReplicaSet with the Deployment's annotations and the newest revision; the one given, where nothing has to change. A revision
 * it had before (it is rolled back to) goes into its history. minReadySeconds follows the Deployment.
 */
export function withRevision(
  deployment: Stored<Deployment>,
  set: Stored<ReplicaSet>,
  revision: bigint,
): Stored<ReplicaSet> {
  const before = set.metadata.annotations ?? {}
  const annotations = { ...before, ...copied(deployment), ...revisionAnnotations(set, revision) }
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  const sameSpec = (set.spec.minReadySeconds ?? 0) === minReadySeconds
  if (sameSpec && Object.entries(annotations).every(([name, value]) => before[name] === value)) return set
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: sameSpec ? set.spec : { ...set.spec, minReadySeconds },
  }
}

function copied({ metadata }: Stored<Deployment>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name)))
}

function revisionAnnotations(set: Stored<ReplicaSet>, revision: bigint): Readonly<Record<string, string>> {
  const known = revisionOf(set)
  if (known === undefined || known >= revision) return {}
  const before = set.metadata.annotations?.[revisionAnnotation]
  const history = before === undefined ? undefined : longerHistory(set, before)
  return { [revisionAnnotation]: String(revision), ...(history === undefined ? {} : { [historyAnnotation]: history }) }
}

function longerHistory(set: Stored<ReplicaSet>, revision: string): string | undefined {
  const known = set.metadata.annotations?.[historyAnnotation] ?? ''
  const revisions = known === '' ? [revision] : [...known.split(','), revision]
  while (revisions.length > 1 && revisions.join(',').length > historyLimitCharacters) revisions.shift()
  const history = revisions.join(',')
  return history.length <= historyLimitCharacters ? history : undefined
}

/** What a ReplicaSet is told of the Deployment's size, by which a later scaling finds its proportion. */
export function sizeAnnotations(deployment: Stored<Deployment>): Readonly<Record<string, string>> {
  const replicas = replicasOf(deployment)
  return {
    [desiredReplicasAnnotation]: String(replicas),
    [maxReplicasAnnotation]: String(replicas + maxSurge(deployment)),
  }
}
