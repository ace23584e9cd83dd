import type { containerStatus } from '../../api/rpc/cri.generated.ts'
import type { Sent } from '../../api/rpc/message.ts'
import type { ContainerRecord } from '../engine/engine-record.ts'
import { containerStatusMessage, type RunsAs } from './container-messages.ts'
import type { CriContext } from './cri-context.ts'

export async function statusOf(context: CriContext, record: ContainerRecord): Promise<Sent<typeof containerStatus>> {
  return containerStatusMessage(record, await context.engine.imageStatus(record.imageId), await userOf(context, record))
}

async function userOf({ engine }: CriContext, { id }: ContainerRecord): Promise<RunsAs | undefined> {
  const config = await engine.containerConfig(id)
  return (config?.process as Readonly<{ user?: RunsAs }> | undefined)?.user
}
