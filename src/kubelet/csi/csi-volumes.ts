import { uniqueVolumeName } from '../../api/csi.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { rpcErrorText } from '../../client/rpc.ts'
import { keyLock } from '../../runtime/key-lock.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { driverPath } from '../plugins/plugin-folders.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { VolumeSpace } from '../usage/volume-usage.ts'
import { hasGroup, setGroup } from '../volumes/ownership.ts'
import type { MountedVolume } from '../volumes/pod-volumes.ts'
import type { TokenSource } from '../volumes/service-account-token.ts'
import {
  type DriverPolicy,
  driverPolicy,
  lifecycleFault,
  publishContext,
  secretOf,
  tokenAttributes,
} from './csi-context.ts'
import type { CsiDriver, CsiDrivers } from './csi-drivers.ts'
import { type CsiPaths, csiFolders, csiPaths } from './csi-paths.ts'
import { type CsiRecord, listOrNone, readCsiRecord, writeCsiRecord } from './csi-records.ts'
import { type CsiVolume, podAttributes, takesGroup, volumeCapability } from './csi-source.ts'
import { csiSpace } from './csi-space.ts'

export type CsiVolumesDeps = Pick<KubeletDeps, 'client' | 'disk' | 'log' | 'config'> &
  Readonly<{
    drivers: CsiDrivers
    /** Other volumes are in use than before. */
    nodeChanged(): void
  }>

/** Volumes of CSI drivers, staged once for the node and published for each pod. As the original's pkg/volume/csi. */
export interface CsiVolumes {
  /** Does what has not been done yet; `again`: also tells the driver anew what may have changed of the pod. */
  setUp(pod: KubeletPod, tokens: TokenSource, volume: CsiVolume): Promise<Result<MountedVolume, string>>
  /** Has the volume's file system grow to what its driver's controller has made of it. */
  expand(podUid: string, volume: CsiVolume, bytes: number): Promise<Result<'expanded' | 'unsupported', string>>
  /** How full the volume is; undefined: its driver does not tell. */
  space(podUid: string, volume: CsiVolume): Promise<VolumeSpace | undefined>
  /** Gives back all that drivers have done for the pod. The error: why not yet. */
  tearDown(podUid: string): Promise<Result<void, string>>
  /** Of volumes that have to be attached: they must not be detached. */
  inUse(): readonly string[]
}

export async function startCsiVolumes(deps: CsiVolumesDeps): Promise<CsiVolumes> {
  const { disk, config, drivers } = deps
  const users = await findUsers(deps)
  const locked = keyLock()
  const keyOf = ({ driver, handle }: Pick<CsiVolume, 'driver' | 'handle'>): string => uniqueVolumeName(driver, handle)
  return {
    setUp: (pod, tokens, volume) =>
      locked(keyOf(volume), async () => {
        const driver = drivers.driver(volume.driver)
        if (!driver.ok) return fail(`kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${driver.error}`)
        const policy = await driverPolicy(deps.client, volume.driver)
        if (!policy.ok) return policy
        const isAttached = volume.lifecycle === 'Persistent' && policy.value.spec.attachRequired !== false
        const known = users.get(keyOf(volume))
        users.set(keyOf(volume), (known ?? newUsers(isAttached)).add(pod.metadata.uid, isAttached))
        if (known === undefined && isAttached) deps.nodeChanged()
        return publish(deps, driver.value, policy.value, pod, tokens, volume)
      }),
    async expand(podUid, volume, bytes) {
      const driver = drivers.driver(volume.driver)
      return driver.ok ? expand(deps, driver.value, podUid, volume, bytes) : driver
    },
    async space(podUid, volume) {
      const driver = drivers.driver(volume.driver)
      return driver.ok ? csiSpace(deps, driver.value, podUid, volume) : undefined
    },
    async tearDown(podUid) {
      for (const folder of csiFolders(config.rootDirectory, podUid)) {
        for (const name of await listOrNone(disk, folder)) {
          const record = await readCsiRecord(disk, `${folder}/${name}`)
          if (record === undefined) continue
          const given = await locked(keyOf(record), async () => {
            const own = users.get(keyOf(record))
            const isLast = own === undefined || own.isOnly(podUid)
            const done = await giveBack(deps, podUid, record, isLast)
            if (done.ok) own?.remove(podUid)
            if (done.ok && isLast && users.delete(keyOf(record)) && record.isAttached) deps.nodeChanged()
            return done
          })
          if (!given.ok) return given
        }
      }
      return ok(undefined)
    },
    inUse: () =>
      [...users]
        .filter(([, { isAttached }]) => isAttached)
        .map(([name]) => name)
        .sort(),
  }
}

type Users = {
  isAttached: boolean
  add(uid: string, isAttached: boolean): Users
  remove(uid: string): void
  isOnly(uid: string): boolean
}

function newUsers(isAttached: boolean): Users {
  const uids = new Set<string>()
  const users: Users = {
    isAttached,
    add(uid, attached) {
      uids.add(uid)
      users.isAttached = attached
      return users
    },
    remove: (uid) => void uids.delete(uid),
    isOnly: (uid) => [...uids].every((other) => other === uid),
  }
  return users
}

/** What an earlier kubelet has left: it is in use until it is given back. */
async function findUsers({ disk, config }: CsiVolumesDeps): Promise<Map<string, Users>> {
  const users = new Map<string, Users>()
  for (const uid of await listOrNone(disk, `${config.rootDirectory}/pods`)) {
    for (const folder of csiFolders(config.rootDirectory, uid)) {
      for (const name of await listOrNone(disk, folder)) {
        const record = await readCsiRecord(disk, `${folder}/${name}`)
        if (record === undefined) continue
        const key = uniqueVolumeName(record.driver, record.handle)
        users.set(key, (users.get(key) ?? newUsers(record.isAttached)).add(uid, record.isAttached))
      }
    }
  }
  return users
}

async function publish(
  deps: CsiVolumesDeps,
  driver: CsiDriver,
  policy: DriverPolicy,
  pod: KubeletPod,
  tokens: TokenSource,
  volume: CsiVolume,
): Promise<Result<MountedVolume, string>> {
  const { disk, client, config } = deps
  const { uid } = pod.metadata
  const paths = csiPaths(config.rootDirectory, uid, volume)
  const mounted: MountedVolume = {
    path: paths.target,
    readOnly: volume.readOnly,
    ...(volume.isBlock ? { isBlock: true } : {}),
    ...(policy.spec.requiresRepublish ? { remounts: true } : {}),
  }
  const known = await readCsiRecord(disk, paths.folder)
  const isDone = known?.doneInBoot === config.bootId
  if (isDone && policy.spec.requiresRepublish !== true) return ok(mounted)
  const fault = lifecycleFault(volume, policy)
  if (fault !== undefined) return fail(`kubernetes.io/csi: ${fault}`)
  const attached = await publishContext(client, config.nodeName, volume, policy)
  if (!attached.ok) return attached
  const capabilities = await driver.capabilities()
  if (!capabilities.ok) return capabilities
  const record: CsiRecord = {
    name: volume.name,
    driver: volume.driver,
    handle: volume.handle,
    isBlock: volume.isBlock,
    lifecycle: volume.lifecycle,
    isAttached: volume.lifecycle === 'Persistent' && policy.spec.attachRequired !== false,
    doneInBoot: known?.doneInBoot ?? '',
  }
  await writeCsiRecord(disk, paths.folder, record)
  const isStaged = volume.lifecycle === 'Persistent' && capabilities.value.has('STAGE_UNSTAGE_VOLUME')
  const call: PublishCall = {
    ...deps,
    driver,
    volume,
    paths,
    record,
    capabilities: capabilities.value,
    context: attached.value,
  }
  const staged = isStaged ? await stage(call, fsGroupOf(pod)) : ok(undefined)
  if (!staged.ok) return staged
  const published = await publishOne(call, policy, pod, tokens, isStaged)
  if (!published.ok) return published
  const group = fsGroupOf(pod)
  const isOurs =
    !call.capabilities.has('VOLUME_MOUNT_GROUP') &&
    takesGroup(volume, policy.spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType')
  if (group !== undefined && isOurs && !isDone) {
    const { fsGroupChangePolicy } = pod.spec.securityContext ?? {}
    if (fsGroupChangePolicy !== 'OnRootMismatch' || !(await hasGroup(disk, paths.target, group)))
      await setGroup(disk, paths.target, group, false)
  }
  if (!isDone) await writeCsiRecord(disk, paths.folder, { ...record, doneInBoot: config.bootId })
  return ok(mounted)
}

type PublishCall = CsiVolumesDeps &
  Readonly<{
    driver: CsiDriver
    volume: CsiVolume
    paths: CsiPaths
    record: CsiRecord
    capabilities: ReadonlySet<string>
    context: Readonly<Record<string, string>>
  }>

function fsGroupOf({ spec }: KubeletPod): number | undefined {
  return spec.securityContext?.fsGroup
}

function capabilityOf({ volume, capabilities }: PublishCall, group: number | undefined) {
  const given = capabilities.has('VOLUME_MOUNT_GROUP') ? group : undefined
  return volumeCapability(volume, capabilities.has('SINGLE_NODE_MULTI_WRITER'), given)
}

/** Once for all pods of the node. */
async function stage(call: PublishCall, group: number | undefined): Promise<Result<void, string>> {
  const { disk, client, config, driver, volume, paths, record } = call
  const known = await readCsiRecord(disk, paths.stagingFolder)
  if (known?.doneInBoot === config.bootId) return ok(undefined)
  const secrets = await secretOf(client, volume.stageSecret)
  if (!secrets.ok) return secrets
  await writeCsiRecord(disk, paths.stagingFolder, { ...record, doneInBoot: '' })
  await disk.makeDirectory(paths.staging, 0o750)
  const answer = await driver.client.NodeStageVolume({
    volumeId: volume.handle,
    publishContext: call.context,
    stagingTargetPath: driverPath(config, paths.staging),
    volumeCapability: capabilityOf(call, group),
    secrets: secrets.value,
    volumeContext: volume.attributes,
  })
  if (!answer.ok) return fail(rpcErrorText(answer.error))
  await writeCsiRecord(disk, paths.stagingFolder, { ...record, doneInBoot: config.bootId })
  return ok(undefined)
}

async function publishOne(
  call: PublishCall,
  policy: DriverPolicy,
  pod: KubeletPod,
  tokens: TokenSource,
  isStaged: boolean,
): Promise<Result<void, string>> {
  const { disk, client, config, driver, volume, paths } = call
  const secrets = await secretOf(client, volume.publishSecret)
  if (!secrets.ok) return secrets
  const issued = await tokenAttributes(tokens, pod, policy)
  if (!issued.ok) return issued
  const inSecrets = policy.spec.serviceAccountTokenInSecrets === true
  const folder = paths.target.slice(0, paths.target.lastIndexOf('/'))
  await disk.makeDirectory(folder, 0o750)
  const answer = await driver.client.NodePublishVolume({
    volumeId: volume.handle,
    publishContext: call.context,
    stagingTargetPath: isStaged ? driverPath(config, paths.staging) : '',
    targetPath: driverPath(config, paths.target),
    volumeCapability: capabilityOf(call, fsGroupOf(pod)),
    readonly: volume.readOnly,
    secrets: inSecrets ? { ...secrets.value, ...issued.value } : secrets.value,
    volumeContext: {
      ...volume.attributes,
      ...(policy.spec.podInfoOnMount ? podAttributes(pod, volume) : {}),
      ...(inSecrets ? {} : issued.value),
    },
  })
  return answer.ok ? ok(undefined) : fail(rpcErrorText(answer.error))
}

async function expand(
  { client, config }: CsiVolumesDeps,
  driver: CsiDriver,
  podUid: string,
  volume: CsiVolume,
  bytes: number,
): Promise<Result<'expanded' | 'unsupported', string>> {
  const capabilities = await driver.capabilities()
  if (!capabilities.ok) return capabilities
  if (!capabilities.value.has('EXPAND_VOLUME')) return ok('unsupported')
  const secrets = await secretOf(client, volume.expandSecret)
  if (!secrets.ok) return secrets
  const paths = csiPaths(config.rootDirectory, podUid, volume)
  const isStaged = capabilities.value.has('STAGE_UNSTAGE_VOLUME')
  const answer = await driver.client.NodeExpandVolume({
    volumeId: volume.handle,
    volumePath: driverPath(config, paths.target),
    stagingTargetPath: isStaged ? driverPath(config, paths.staging) : '',
    capacityRange: { requiredBytes: bytes },
    volumeCapability: volumeCapability(volume, capabilities.value.has('SINGLE_NODE_MULTI_WRITER'), undefined),
    secrets: secrets.value,
  })
  return answer.ok ? ok('expanded') : fail(rpcErrorText(answer.error))
}

async function giveBack(
  { disk, config, drivers }: CsiVolumesDeps,
  podUid: string,
  record: CsiRecord,
  isLast: boolean,
): Promise<Result<void, string>> {
  const paths = csiPaths(config.rootDirectory, podUid, record)
  const driver = drivers.driver(record.driver)
  if (!driver.ok) return fail(`Unmounter.TearDownAt failed to get CSI client: ${driver.error}`)
  const { client } = driver.value
  const unpublished = await client.NodeUnpublishVolume({
    volumeId: record.handle,
    targetPath: driverPath(config, paths.target),
  })
  if (!unpublished.ok) return fail(rpcErrorText(unpublished.error))
  if (isLast && (await readCsiRecord(disk, paths.stagingFolder)) !== undefined) {
    const unstaged = await client.NodeUnstageVolume({
      volumeId: record.handle,
      stagingTargetPath: driverPath(config, paths.staging),
    })
    if (!unstaged.ok) return fail(rpcErrorText(unstaged.error))
    await disk.remove(paths.stagingFolder)
  }
  await disk.remove(paths.target)
  await disk.remove(paths.folder)
  return ok(undefined)
}
