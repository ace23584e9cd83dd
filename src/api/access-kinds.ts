import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'

export const accessKinds = {
  endpointSlices: define<k.EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', 'Namespaced', {
    generation: true,
  }),
  leases: define<k.Lease>('coordination.k8s.io/v1', 'Lease', 'leases', 'Namespaced', {}),
  roles: define<k.Role>('rbac.authorization.k8s.io/v1', 'Role', 'roles', 'Namespaced', {}),
  roleBindings: define<k.RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', 'Namespaced', {}),
  clusterRoles: define<k.ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', 'Cluster', {}),
  clusterRoleBindings: define<k.ClusterRoleBinding>(
    'rbac.authorization.k8s.io/v1',
    'ClusterRoleBinding',
    'clusterrolebindings',
    'Cluster',
    {},
  ),
} as const
