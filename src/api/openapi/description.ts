/** What OpenAPI and `kubectl explain` say of types and fields, in words of our own. */
import { metaDescriptions } from './meta-descriptions.ts'
import { podDescriptions } from './pod-descriptions.ts'
import { volumeDescriptions } from './volume-descriptions.ts'
import { workloadDescriptions } from './workload-descriptions.ts'

/** '' describes the type itself. */
export type TypeDescriptions = Readonly<Record<string, Readonly<Record<string, string>>>>

const tables: readonly TypeDescriptions[] = [
  podDescriptions,
  volumeDescriptions,
  workloadDescriptions,
  metaDescriptions,
]

/** Fields that mean the same in every type that has them. */
const common: Readonly<Record<string, string>> = {
  apiVersion: 'Group and version of the kind, as in apps/v1.',
  kind: 'The kind of the object.',
  metadata: 'Name, labels and what else all objects have.',
  spec: 'What is wanted.',
  status: 'What is the case, as last observed. Written by controllers.',
}

function find(type: string): Readonly<Record<string, string>> | undefined {
  for (const table of tables) {
    const found = table[type]
    if (found !== undefined) return found
  }
  return undefined
}

/** All types that are described, for the test that keeps the tables true to the schema. */
export function describedTypes(): TypeDescriptions {
  return Object.assign({}, ...tables)
}

export function describeType(type: string): string | undefined {
  return find(shortName(type))?.['']
}

export function describeField(type: string, field: string): string | undefined {
  return find(shortName(type))?.[field] ?? common[field]
}

/** 'io.k8s.api.core.v1.Pod' → 'core.v1.Pod'. */
function shortName(type: string): string {
  return type.split('.').slice(-3).join('.')
}
