import type { FlowSchema, FlowSchemaCondition, PriorityLevelConfiguration } from '../../api/kinds.generated.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Store } from '../../store/store.ts'
import { kindPrefix } from '../resource.ts'

const fieldManager = 'api-priority-and-fairness-config-consumer-v1'

type Wanted = Readonly<{ name: string; condition: FlowSchemaCondition }>

/** Which schemas have to be told whether the level that they name exists: apiserver's flowcontrol controller. */
export function danglingConditions(
  schemas: readonly Stored<FlowSchema>[],
  levelNames: ReadonlySet<string>,
  nowMs: number,
): readonly Wanted[] {
  return schemas.flatMap(({ metadata, spec, status }) => {
    const level = spec.priorityLevelConfiguration.name
    const wanted = conditionOf(level, levelNames.has(level))
    const known = status.conditions?.find(({ type }) => type === wanted.type)
    const isTold = (['status', 'reason', 'message'] as const).every((field) => known?.[field] === wanted[field])
    if (isTold) return []
    return [{ name: metadata.name, condition: { ...wanted, lastTransitionTime: timestampOf(nowMs) } }]
  })
}

function conditionOf(level: string, exists: boolean): FlowSchemaCondition {
  const about = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`
  return exists
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${about} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${about} but there is no such object` }
}

export type DanglingParts = Readonly<{ store: Store; clock: Clock; log: Log; client: Client }>

/** Writes what is due; resolves when nothing is any more. While it writes, any number of changes ask for one more round. */
export function danglingKeeper(parts: DanglingParts): () => Promise<void> {
  let running: Promise<void> | undefined
  let isChanged = false
  const run = async (): Promise<void> => {
    while (isChanged) {
      isChanged = false
      await Promise.all(danglingNow(parts).map((wanted) => tell(parts, wanted)))
    }
    running = undefined
  }
  return () => {
    isChanged = true
    running ??= run()
    return running
  }
}

function danglingNow({ store, clock }: DanglingParts): readonly Wanted[] {
  const listed = <T>(prefix: string): readonly Stored<T>[] => {
    const found = store.range({ prefix })
    return found.ok ? found.value.entries.map(({ object }) => object as unknown as Stored<T>) : []
  }
  const levels = listed<PriorityLevelConfiguration>(kindPrefix(kinds.priorityLevelConfigurations))
  const names = new Set(levels.map(({ metadata }) => metadata.name))
  return danglingConditions(listed<FlowSchema>(kindPrefix(kinds.flowSchemas)), names, clock.nowMs())
}

async function tell({ client, log }: DanglingParts, { name, condition }: Wanted): Promise<void> {
  const kind = kinds.flowSchemas
  const body = {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name },
    status: { conditions: [condition] },
  }
  const patch = { type: 'apply', body, fieldManager, force: true } as const
  const told = await client.patch(kind, name, undefined, patch, 'status')
  // One that has gone meanwhile needs no condition; any other change of it comes round again.
  if (!told.ok && told.error.code !== 404) log.warn('cannot tell a flow schema of its level', { name, ...told.error })
}
