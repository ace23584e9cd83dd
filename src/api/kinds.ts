import { accessKinds } from './access-kinds.ts'
import { coreKinds } from './core-kinds.ts'
import type { CustomType } from './custom/custom-type.ts'
import { extensionKinds } from './extension-kinds.ts'
import { networkKinds } from './network-kinds.ts'
import { resourceKinds } from './resource-kinds.ts'
import { storageKinds } from './storage-kinds.ts'
import { versionedKinds } from './versioned-kinds.ts'
import type { Versioning } from './versioning.ts'
import { workloadKinds } from './workload-kinds.ts'

/** Paths of the scale subresource inside an object, as in CustomResourceDefinition: '.spec.replicas'. */
export type ScalePaths = Readonly<{ specReplicas: string; statusReplicas: string; labelSelector: string }>

/** One served kind, as data. Everything generic (routes, discovery, OpenAPI, clients, informers) is derived from it. */
export type Kind<T = unknown> = Readonly<{
  /** '' is the core group. */
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  namespaced: boolean
  shortNames: readonly string[]
  categories: readonly string[]
  /** Name of the kind's type in the schema and in OpenAPI. */
  typeName: string
  /** True where the kind has a status subresource: the main path then ignores status, and .../status all else. */
  status: boolean
  /** True where metadata.generation counts changes of spec. */
  generation: boolean
  scale?: ScalePaths
  /** Objects of this kind vanish this long after their last write (Event: one hour, as kube-apiserver's --event-ttl). */
  ttlSeconds?: number
  /** Present where the stored form of an object may be another than this version's. */
  versioning?: Versioning
  /** Made by a CustomResourceDefinition: its type is in no schema of ours. */
  isCustom?: true
  /** Present for kinds that a CustomResourceDefinition makes: what tables hold for Kubernetes' own. */
  custom?: CustomType
  /** Never holds a value: carries the TypeScript type of the objects. */
  readonly objectType?: T
}>

export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}

/** 'PodList', or what a CustomResourceDefinition says. */
export function listKindOf({ kind, custom }: Pick<Kind, 'kind' | 'custom'>): string {
  return custom?.listKind ?? `${kind}List`
}

/** 'deployments.apps', 'pods': how errors and RBAC name a resource. */
export function groupResource({ group, plural }: Pick<Kind, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** Every kind that is stored and served. To add one is to add a line here (and its rules in validation, if it has any). */
export const kinds = {
  ...coreKinds,
  ...workloadKinds,
  ...accessKinds,
  ...networkKinds,
  ...storageKinds,
  ...extensionKinds,
  ...resourceKinds,
  ...versionedKinds,
} as const

/** Every version of every kind of Kubernetes' own that is served. */
export const allKinds: readonly Kind[] = Object.values(kinds)

/** Each of them once: the version that is stored. */
export const storedKinds: readonly Kind[] = allKinds.filter(
  ({ versioning }) => versioning === undefined || versioning.judgedAs === 'served',
)
