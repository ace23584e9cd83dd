import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Result } from '../../api/result.ts'
import type { User } from '../call.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'

export type Attributes = Readonly<{
  operation: Operation
  user: User
  kind: Kind
  namespace: string
  name: string
  subresource?: string
  before?: ApiObject
  dryRun: boolean
  warn(message: string): void
}>

/** One admission plugin: passes the object on, perhaps changed, or refuses it. For DELETE the object is the one to go. */
export type Admit = (attributes: Attributes, object: ApiObject) => Result<ApiObject, Refusal>

/** All of them, in order. */
export type Admission = Admit
