import type { Disk } from '../../ports/disk.ts'
import { ended } from './engine-containers.ts'
import type { EngineContext } from './engine-context.ts'
import { type ContainerRecord, parseRecord, type SandboxRecord } from './engine-record.ts'

/**
 * After a start: reads the records, and holds them against what the kernel says. Containers that ended meanwhile get their exit code;
 * what no record knows (an operation that a crash cut short) is removed.
 */
export async function reconcile(context: EngineContext): Promise<void> {
  const { disk, paths, state, containers, namespaces, log } = context
  const [sandboxes, records] = await Promise.all([
    readRecords<SandboxRecord>(disk, paths.sandboxRecords),
    readRecords<ContainerRecord>(disk, paths.containerRecords),
  ])
  const pinned = new Set(await namespaces.list(paths.namespacePrefix))
  for (const sandbox of sandboxes) {
    const gone = sandbox.state === 'ready' && !pinned.has(paths.namespace(sandbox.id))
    if (gone) log.warn('a sandbox lost its namespaces: the machine restarted', { sandbox: sandbox.id })
    await state.putSandbox(gone ? { ...sandbox, state: 'not-ready' } : sandbox)
    if (!gone) await republish(context, sandbox)
  }
  const statuses = await containers.list()
  for (const record of records) {
    if (!state.sandboxes.has(record.sandboxId)) await disk.remove(paths.containerRecord(record.id))
    else await state.putContainer(await observed(context, record, statuses))
  }
  await removeUnknown(context, statuses.keys())
}

/** Published ports live with the rules of Services, which a start makes anew. */
async function republish(
  { network, log }: EngineContext,
  { id, state, spec, namespaces }: SandboxRecord,
): Promise<void> {
  if (state !== 'ready' || spec.portMappings.length === 0 || namespaces?.netPath === undefined) return
  const attached = await network.attach(id, namespaces.netPath, spec.portMappings)
  if (!attached.ok)
    log.warn('cannot publish the ports of a sandbox again', { sandbox: id, error: attached.error.message })
}

async function readRecords<T extends SandboxRecord | ContainerRecord>(
  disk: Disk,
  folder: string,
): Promise<readonly T[]> {
  const names = (await disk.list(folder)).filter((name) => name.endsWith('.json'))
  const texts = await Promise.all(names.map((name) => disk.readFile(`${folder}/${name}`)))
  return texts.flatMap((bytes) => parseRecord<T>(new TextDecoder().decode(bytes)) ?? [])
}

async function observed(
  { clock, mounts, paths }: EngineContext,
  record: ContainerRecord,
  statuses: Awaited<ReturnType<EngineContext['containers']['list']>>,
): Promise<ContainerRecord> {
  const status = statuses.get(record.id)
  if (record.state === 'exited') return record
  if (status !== undefined) return ended(record, status, clock.nowMs())
  const startable = record.state === 'created' && (await mounts.list(paths.root(record.id))).length > 0
  return startable ? record : ended(record, { state: 'lost' }, clock.nowMs())
}

async function removeUnknown(context: EngineContext, running: Iterable<string>): Promise<void> {
  const { state, containers, namespaces, mounts, network, paths, disk, log } = context
  const complain = (what: string, result: Readonly<{ ok: boolean }>): void => {
    if (!result.ok) log.warn('cannot remove what a crash left behind', { what, result })
  }
  for (const id of running) if (!state.containers.has(id)) complain(id, await containers.remove(id))
  const known = new Set([...state.sandboxes.keys()].map(paths.namespace))
  for (const name of await namespaces.list(paths.namespacePrefix)) {
    // Another engine's name may begin with ours.
    if (known.has(name) || !/^[0-9a-f]{16}$/.test(name.slice(paths.namespacePrefix.length))) continue
    complain(name, await network.detach(name.slice(paths.namespacePrefix.length), `/run/netns/${name}`))
    complain(name, await namespaces.unpin(name))
  }
  const folders = [paths.roots, paths.shms, paths.allOwnLayers, paths.writables, paths.allSandboxFiles]
  const points = (await Promise.all(folders.map((folder) => mounts.list(folder)))).flat()
  const stale = points.filter((point) => {
    const id = point.split('/').find((part) => /^[0-9a-f]{64}$/.test(part)) ?? ''
    return !state.containers.has(id) && !state.sandboxes.has(id)
  })
  complain('mounts', await mounts.unmount(stale))
  for (const folder of folders)
    for (const name of await disk.list(folder))
      if (!state.containers.has(name) && !state.sandboxes.has(name)) await disk.remove(`${folder}/${name}`)
}
