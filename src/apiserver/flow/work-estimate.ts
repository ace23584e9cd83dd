import type { User } from '../call.ts'
import type { RequestInfo } from '../request-info.ts'

/** How much of the server a request takes: seats while it runs, and some on afterwards, while its watchers are told. */
export type WorkEstimate = Readonly<{ seats: number; finalSeats: number; lingerMs: number }>

export const oneSeat: WorkEstimate = { seats: 1, finalSeats: 0, lingerMs: 0 }

// As apiserver's flowcontrol/request package.
const objectsPerSeat = 100
const watchesPerSeat = 10
const mostSeats = 10
const lingerMs = 5

/** What is known of the resource that a request is about. */
export type Sizes = Readonly<{
  objects(info: RequestInfo): number
  watchers(info: RequestInfo): number
}>

/** `limitSeats`: the most that one request of its level may take; 0 where that is not known. */
export function estimateWork(
  info: RequestInfo,
  query: URLSearchParams,
  sizes: Sizes,
  limitSeats: number,
): WorkEstimate {
  const most = limitSeats === 0 ? mostSeats : Math.min(limitSeats, mostSeats)
  switch (info.verb) {
    case 'list':
    case 'watch':
      return { ...oneSeat, seats: listSeats(info, query, sizes, most) }
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
    case 'deletecollection':
      return mutatingWork(info, sizes, most)
    default:
      return oneSeat
  }
}

function listSeats(info: RequestInfo, query: URLSearchParams, sizes: Sizes, most: number): number {
  if (info.name !== '') return 1
  if (info.verb === 'watch' && !sendsState(query)) return 1
  const stored = sizes.objects(info)
  const limit = Number(query.get('limit') ?? 0)
  const isPage = limit > 0 && query.get('resourceVersion') !== '0' && info.verb === 'list'
  const wanted = isPage ? Math.min(limit, stored) : stored
  const isSelective = (query.get('fieldSelector') ?? '') !== '' || (query.get('labelSelector') ?? '') !== ''
  const processed = !isPage ? stored : isSelective ? stored + wanted : 2 * wanted
  return Math.max(1, Math.min(most, Math.ceil(processed / objectsPerSeat)))
}

function sendsState(query: URLSearchParams): boolean {
  const version = query.get('resourceVersion') ?? ''
  return query.get('sendInitialEvents') === 'true' || version === '' || version === '0'
}

/** Telling a hundred watchers is work as well, though the writer has his answer by then. */
function mutatingWork(info: RequestInfo, sizes: Sizes, most: number): WorkEstimate {
  if (info.resource === 'serviceaccounts' && info.subresource === 'token') return oneSeat
  const watchers = sizes.watchers(info)
  if (watchers < watchesPerSeat) return oneSeat
  const seats = Math.ceil(watchers / watchesPerSeat)
  const finalSeats = Math.min(seats, most)
  return { seats: 1, finalSeats, lingerMs: (seats * lingerMs) / finalSeats }
}

/** What tells the flows of a schema apart. */
export function distinguish(method: string | undefined, user: User, info: RequestInfo): string {
  if (method === 'ByUser') return user.name
  return method === 'ByNamespace' ? info.namespace : ''
}
