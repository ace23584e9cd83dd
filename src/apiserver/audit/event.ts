import type { Status } from '../../api/kinds.generated.ts'
import type { User } from '../call.ts'
import type { Level, Stage } from './policy.ts'

export type UserInfo = Readonly<{
  username: string
  uid?: string
  groups?: readonly string[]
  extra?: Readonly<Record<string, readonly string[]>>
}>

export type ObjectRef = Readonly<{
  resource?: string
  namespace?: string
  name?: string
  uid?: string
  apiGroup?: string
  apiVersion?: string
  resourceVersion?: string
  subresource?: string
}>

/** audit.k8s.io/v1 Event. */
export type AuditEvent = Readonly<{
  kind: 'Event'
  apiVersion: 'audit.k8s.io/v1'
  level: Level
  auditID: string
  stage: Stage
  requestURI: string
  verb: string
  user: UserInfo | Readonly<Record<string, never>>
  impersonatedUser?: UserInfo
  authenticationMetadata?: Readonly<{ impersonationConstraint: string }>
  sourceIPs?: readonly string[]
  userAgent?: string
  objectRef?: ObjectRef
  responseStatus?: Partial<Status>
  requestObject?: unknown
  responseObject?: unknown
  requestReceivedTimestamp: string
  stageTimestamp: string
  annotations?: Readonly<Record<string, string>>
}>

/** Where events go. It takes them at once, and bounds what waits. */
export interface AuditSink {
  write(event: AuditEvent): void
  /** Resolves when what was taken has gone out, or cannot. */
  close(): Promise<void>
}

export function userInfoOf({ name, uid, groups, extra }: User): UserInfo {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** Everything but managedFields, of an object or of the items of a list. */
export function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { items, metadata } = value as Readonly<{ items?: unknown; metadata?: object }>
  if (Array.isArray(items)) return { ...value, items: items.map(withoutManagedFields) }
  if (metadata === undefined || !('managedFields' in metadata)) return value
  const { managedFields: _, ...kept } = metadata
  return { ...value, metadata: kept }
}

export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z')
}
