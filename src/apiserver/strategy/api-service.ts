import type { APIService } from '../../api/kinds.generated.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Strategy } from './strategy.ts'

export const localApiService = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
} as const

/** One that names no Service is this server's own, and always there. */
export const apiServiceStrategy: Strategy = {
  needsVersion: true,
  prepareCreate(object, { nowMs }) {
    const isLocal = (object as APIService).spec?.service === undefined
    const conditions = [{ ...localApiService, lastTransitionTime: timestampOf(nowMs) }]
    return { ...object, status: isLocal ? { conditions } : {} }
  },
  statusKeepsMeta: true,
}
