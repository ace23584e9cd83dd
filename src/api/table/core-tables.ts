import type { ComponentStatus, ConfigMap, Lease, Namespace, Secret, ServiceAccount } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec } from './table-spec.ts'

export const namespaceTable = tableSpec<Namespace>(
  [nameColumn, column('Status', 'Active or Terminating.'), ageColumn],
  ({ metadata, status }, nowMs) => [
    metadata?.name ?? '',
    status?.phase ?? '',
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

const dataColumn = column('Data', 'How many entries it holds.')

export const configMapTable = tableSpec<ConfigMap>(
  [nameColumn, dataColumn, ageColumn],
  ({ metadata, data, binaryData }, nowMs) => [
    metadata?.name ?? '',
    count(data) + count(binaryData),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const secretTable = tableSpec<Secret>(
  [nameColumn, column('Type', 'What the secret is for.'), dataColumn, ageColumn],
  ({ metadata, type, data }, nowMs) => [
    metadata?.name ?? '',
    type ?? '',
    count(data),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

function count(entries: object | undefined | null): number {
  return Object.keys(entries ?? {}).length
}

export const serviceAccountTable = tableSpec<ServiceAccount>([nameColumn, ageColumn], ({ metadata }, nowMs) => [
  metadata?.name ?? '',
  humanAge(metadata?.creationTimestamp, nowMs),
])

export const leaseTable = tableSpec<Lease>(
  [nameColumn, column('Holder', 'Who holds the lease.'), ageColumn],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    spec?.holderIdentity ?? '',
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const componentStatusTable = tableSpec<ComponentStatus>(
  [
    nameColumn,
    column('Status', 'Healthy or not.'),
    column('Message', 'What the component says of itself.'),
    column('Error', 'Why it could not be asked.'),
  ],
  ({ metadata, conditions = [] }) => {
    const health = conditions.find(({ type }) => type === 'Healthy')
    const status = health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy'
    return [metadata?.name ?? '', status, health?.message ?? '', health?.error ?? '']
  },
)
