import type { RoleBinding } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec, wideColumn } from './table-spec.ts'

/** RoleBindings and ClusterRoleBindings. */
export const bindingTable = tableSpec<RoleBinding>(
  [
    nameColumn,
    column('Role', 'The role that is granted.'),
    ageColumn,
    wideColumn('Users', 'Users it is granted to.'),
    wideColumn('Groups', 'Groups it is granted to.'),
    wideColumn('ServiceAccounts', 'Service accounts it is granted to.'),
  ],
  ({ metadata, roleRef, subjects }, nowMs) => {
    const named = (kind: string) => (subjects ?? []).filter((subject) => subject.kind === kind)
    const names = (kind: string) => named(kind).map(({ name }) => name)
    return [
      metadata?.name ?? '',
      `${roleRef.kind}/${roleRef.name}`,
      humanAge(metadata?.creationTimestamp, nowMs),
      names('User').join(', '),
      names('Group').join(', '),
      named('ServiceAccount')
        .map(({ namespace = '', name }) => `${namespace}/${name}`)
        .join(', '),
    ]
  },
)
