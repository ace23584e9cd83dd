import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'

const resource = 'resource.k8s.io/v1'

/** Dynamic resource allocation: devices, and who has asked for them. */
export const resourceKinds = {
  deviceClasses: define<k.DeviceClass>(resource, 'DeviceClass', 'deviceclasses', 'Cluster', { generation: true }),
  resourceClaims: define<k.ResourceV1ResourceClaim>(resource, 'ResourceClaim', 'resourceclaims', 'Namespaced', {
    status: true,
  }),
  resourceClaimTemplates: define<k.ResourceClaimTemplate>(
    resource,
    'ResourceClaimTemplate',
    'resourceclaimtemplates',
    'Namespaced',
    {},
  ),
  resourceSlices: define<k.ResourceSlice>(resource, 'ResourceSlice', 'resourceslices', 'Cluster', { generation: true }),
} as const
