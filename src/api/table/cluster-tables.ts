import type { PriorityClass, ResourceQuota, RuntimeClass } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec } from './table-spec.ts'

export const resourceQuotaTable = tableSpec<ResourceQuota>(
  [
    nameColumn,
    column('Request', 'What may be asked for: used and allowed.'),
    column('Limit', 'Limits that may be set: used and allowed.'),
    ageColumn,
  ],
  ({ metadata, status }, nowMs) => {
    const names = Object.keys(status?.hard ?? {}).sort()
    const text = (isLimit: boolean): string =>
      names
        .filter((name) => name.startsWith('limits.') === isLimit)
        .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name] ?? '0'}`)
        .join(', ')
    return [metadata?.name ?? '', text(false), text(true), humanAge(metadata?.creationTimestamp, nowMs)]
  },
)

export const priorityClassTable = tableSpec<PriorityClass>(
  [
    nameColumn,
    column('Value', 'The number that pods of the class get.', 'integer'),
    column('Global-Default', 'Pods without a class get this one.', 'boolean'),
    ageColumn,
    // The original shows it always.
    column('PreemptionPolicy', 'Whether its pods may push out others.'),
  ],
  ({ metadata, value, globalDefault = false, preemptionPolicy = '' }, nowMs) => [
    metadata?.name ?? '',
    value ?? 0,
    globalDefault,
    humanAge(metadata?.creationTimestamp, nowMs),
    preemptionPolicy,
  ],
)

export const runtimeClassTable = tableSpec<RuntimeClass>(
  [nameColumn, column('Handler', 'How the runtime is configured for it.'), ageColumn],
  ({ metadata, handler }, nowMs) => [metadata?.name ?? '', handler, humanAge(metadata?.creationTimestamp, nowMs)],
)
