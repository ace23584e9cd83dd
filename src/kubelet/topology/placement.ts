import type { Container } from '../../api/kinds.generated.ts'
import { ok, type Result } from '../../api/result.ts'
import type { Rejection } from '../pod-parts.ts'
import type { NumaMask } from './numa-mask.ts'
import type { ProviderHints } from './topology-hints.ts'

/** Where devices could come from that the container, or all of its pod, asks for. */
export type DeviceWishes = Readonly<{ container: () => ProviderHints; pod: () => ProviderHints }>

/** Asked for each container before it gets its devices: from which NUMA nodes they should be; undefined: from any. */
export type Placement = (container: Container, wishes: DeviceWishes) => Result<NumaMask | undefined, Rejection>

export const anyPlace: Placement = () => ok(undefined)
