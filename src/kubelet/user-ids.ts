import { fail, ok, type Result } from '../api/result.ts'
import { type Disk, DiskError } from '../ports/disk.ts'
import type { IdRange } from '../ports/namespaces.ts'
import type { RuntimeStatus } from '../runtime/pod-runtime.ts'
import type { KubeletConfiguration } from './configuration/kubelet-configuration.ts'
import { podDirectory } from './pod-paths.ts'

/** All ids of a Linux machine, but for those that mean 'none'. */
const allIds = 2 ** 32

/** Who the users of pods without the node's users are: each such pod has a range of ids to itself for as long as there is anything of it. */
export interface UserIds {
  /** The range that the pod has, or has from now on; it is written down before this resolves. */
  of(uid: string): Promise<Result<IdRange, string>>
  release(uid: string): Promise<void>
}

type Place = Readonly<{
  disk: Disk
  config: Readonly<{ rootDirectory: string; configuration: Pick<KubeletConfiguration, 'userNamespaces'> }>
}>

/** As the original's userns manager, on a machine that sets no range aside for a user `kubelet`: all ids above those of the node itself. */
export async function openUserIds({ disk, config }: Place): Promise<UserIds> {
  const { idsPerPod } = config.configuration.userNamespaces
  const taken = new Map<string, IdRange>()
  for (const uid of await disk.list(`${config.rootDirectory}/pods`).catch(() => [])) {
    const range = await readRange(disk, rangeFile(config, uid))
    if (range !== undefined) taken.set(uid, range)
  }
  return {
    async of(uid) {
      const known = taken.get(uid)
      if (known !== undefined) return ok(known)
      const range = freeRange([...taken.values()], idsPerPod)
      if (range === undefined)
        return fail('create user namespace: could not find an empty slot to allocate a user namespace')
      taken.set(uid, range)
      try {
        await disk.makeDirectory(podDirectory(config.rootDirectory, uid), 0o750)
        const text = new TextEncoder().encode(JSON.stringify(mappingsOf(range)))
        await disk.writeFile(rangeFile(config, uid), text, { durable: true })
      } catch (error) {
        taken.delete(uid)
        if (!(error instanceof DiskError)) throw error
        return fail(`create user namespace: ${error.message}`)
      }
      return ok(range)
    },
    async release(uid) {
      if (!taken.delete(uid)) return
      await disk.remove(rangeFile(config, uid))
    },
  }
}

/** The lowest range that nobody has: a multiple of its length, and never the first, where the node's own users are. */
export function freeRange(taken: readonly IdRange[], count: number): IdRange | undefined {
  const isFree = (firstId: number): boolean =>
    taken.every((range) => range.firstId + range.count <= firstId || firstId + count <= range.firstId)
  for (let firstId = count; firstId + count <= allIds; firstId += count) if (isFree(firstId)) return { firstId, count }
  return undefined
}

/** Why the runtime cannot give a pod users of its own, in the original's words. */
export function userNamespaceFault({ handlers }: RuntimeStatus, handler: string): string | undefined {
  const found = handlers.find(({ name }) => name === handler)
  if (found?.userNamespaces) return undefined
  const why =
    handler === ''
      ? "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
      : `can't set \`spec.hostUsers: false\`, RuntimeClass handler ${JSON.stringify(handler)} does not support user namespaces`
  return handlers.length === 0 || found !== undefined
    ? why
    : `${why}: the handler ${JSON.stringify(handler)} is not known`
}

type Mapping = Readonly<{ hostId: number; containerId: number; length: number }>
type Mappings = Readonly<{ uidMappings: readonly Mapping[]; gidMappings: readonly Mapping[] }>

function rangeFile({ rootDirectory }: Place['config'], uid: string): string {
  return `${podDirectory(rootDirectory, uid)}/userns`
}

function mappingsOf({ firstId, count }: IdRange): Mappings {
  const mapping = { hostId: firstId, containerId: 0, length: count }
  return { uidMappings: [mapping], gidMappings: [mapping] }
}

/** Undefined where the pod has none: the file is durable before anything has the ids. */
async function readRange(disk: Disk, path: string): Promise<IdRange | undefined> {
  try {
    const { uidMappings } = JSON.parse(new TextDecoder().decode(await disk.readFile(path))) as Mappings
    const [mapping] = uidMappings
    return mapping === undefined ? undefined : { firstId: mapping.hostId, count: mapping.length }
  } catch (error) {
    if ((error instanceof DiskError && error.code === 'NotFound') || error instanceof SyntaxError) return undefined
    throw error
  }
}
