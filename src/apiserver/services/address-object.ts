import { trackUpdate } from '../../api/apply/track-update.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Schema } from '../../api/schema.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import { newUid } from '../object-meta.ts'

type Parts = Readonly<{ schema: Schema; clock: Clock; random: Random }>

export const allocatorLabels = {
  'ipaddress.kubernetes.io/ip-family': 'IPv4',
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
}

/** The IPAddress by which a Service holds an address, as kube-apiserver's allocator writes it. */
export function serviceAddress({ schema, clock, random }: Parts, address: string, service: ApiObject): ApiObject {
  const { name = '', namespace = '' } = service.metadata
  const object: ApiObject = {
    kind: kinds.ipAddresses.kind,
    apiVersion: apiVersionOf(kinds.ipAddresses),
    metadata: {
      name: address,
      uid: newUid(random),
      creationTimestamp: timestampOf(clock.nowMs()),
      labels: allocatorLabels,
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  }
  const managedFields = trackUpdate({
    schema,
    kind: kinds.ipAddresses,
    after: object,
    manager: 'kube-apiserver',
    nowMs: clock.nowMs(),
  })
  return managedFields === undefined ? object : { ...object, metadata: { ...object.metadata, managedFields } }
}
