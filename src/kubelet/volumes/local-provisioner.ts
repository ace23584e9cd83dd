import { unreachable } from '../../api/assert.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { classNameOf } from '../../api/persistent-volume.ts'
import type { Client } from '../../client/client.ts'
import { type EventRecorder, makeEventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/informer.ts'
import { startInformer } from '../../client/start-informer.ts'
import { makeWorkQueue, type WorkOutcome, type WorkQueue } from '../../client/work-queue.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Disk, DiskError } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import { localProvisioner } from './local-storage-manifests.ts'
import {
  claimStep,
  isVolumeOf,
  localVolume,
  type ProvisioningStep,
  volumeNameFor,
  volumeStep,
} from './provisioning-step.ts'

export type LocalProvisionerDeps = Readonly<{
  client: Client
  clock: Clock
  random: Random
  log: Log
  disk: Disk
  nodeName: string
  /** Each volume is a folder in here. */
  directory: string
}>

type Claim = Stored<PersistentVolumeClaim>
type Provisioning = LocalProvisionerDeps & Readonly<{ events: EventRecorder }>

/** Makes volumes of the class that every cluster has, folders on this node, and removes them. */
export function startLocalProvisioner(deps: LocalProvisionerDeps): Readonly<{ stop(): void }> {
  const storage: Storage = {
    claims: startInformer({ ...deps, kind: kinds.persistentVolumeClaims }),
    volumes: startInformer({ ...deps, kind: kinds.persistentVolumes }),
    classes: startInformer({ ...deps, kind: kinds.storageClasses }),
  }
  const events = makeEventRecorder({ ...deps, component: localProvisioner, host: deps.nodeName })
  const process = (key: string): Promise<WorkOutcome> =>
    carryOut({ ...deps, events }, key, stepFor(storage, key, deps.nodeName))
  const queue = makeWorkQueue({ clock: deps.clock, concurrency: 4, process })
  void follow(storage, queue)
  return {
    stop() {
      queue.stop()
      events.stop()
      for (const informer of Object.values(storage)) informer.stop()
    },
  }
}

type Storage = Readonly<{
  claims: Informer<PersistentVolumeClaim>
  volumes: Informer<PersistentVolume>
  classes: Informer<StorageClass>
}>

/** Keys of claims have a namespace, those of volumes have none. */
async function follow({ claims, volumes, classes }: Storage, queue: WorkQueue): Promise<void> {
  for (const informer of [claims, volumes, classes]) await informer.whenSynced()
  const addClaims = (): void => {
    for (const claim of claims.list()) queue.add(objectKey(claim))
  }
  claims.onChange((_, after) => void (after && queue.add(objectKey(after))))
  volumes.onChange((_, after) => void (after && queue.add(objectKey(after))))
  classes.onChange(addClaims)
  addClaims()
  for (const volume of volumes.list()) queue.add(objectKey(volume))
}

function stepFor({ claims, volumes, classes }: Storage, key: string, nodeName: string): ProvisioningStep {
  const volume = volumes.get(key)
  if (volume !== undefined) return volumeStep(volume, nodeName)
  const claim = claims.get(key)
  if (claim === undefined) return { type: 'nothing' }
  return claimStep(claim, classes.get(classNameOf(claim)), volumes.get(volumeNameFor(claim)), nodeName)
}

async function carryOut(provisioning: Provisioning, key: string, step: ProvisioningStep): Promise<WorkOutcome> {
  const { events, log } = provisioning
  try {
    switch (step.type) {
      case 'make':
        return await make(provisioning, step.claim, step.storageClass)
      case 'remove':
        return await remove(provisioning, step.volume)
      case 'refuse':
        events.event(step.claim, 'Warning', 'ProvisioningFailed', step.message)
        return { type: 'done' }
      case 'nothing':
        return { type: 'done' }
      default:
        return unreachable(step)
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    log.warn('cannot make or remove a local volume', { key, error: error.message })
    return step.type === 'make' ? failed(events, step.claim, error.message) : { type: 'retry' }
  }
}

async function make(
  { disk, client, events, directory, nodeName }: Provisioning,
  claim: Claim,
  storageClass: Stored<StorageClass>,
): Promise<WorkOutcome> {
  const name = volumeNameFor(claim)
  const path = `${directory}/${name}`
  const told = `External provisioner is provisioning volume for claim ${JSON.stringify(objectKey(claim))}`
  events.event(claim, 'Normal', 'Provisioning', told)
  await disk.makeDirectory(path)
  // Any user of the pod may write.
  await disk.setMode(path, 0o777)
  const created = await client.create(kinds.persistentVolumes, localVolume(claim, storageClass, path, nodeName))
  if (created.ok) {
    events.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`)
    return { type: 'done' }
  }
  if (created.error.reason !== 'AlreadyExists') return failed(events, claim, created.error.message ?? '')
  const present = await client.get(kinds.persistentVolumes, name)
  if (!present.ok) return { type: 'retry' }
  // Another node was first: this one's folder is for nothing.
  if (!isVolumeOf(present.value, nodeName)) await disk.remove(path)
  return { type: 'done' }
}

function failed(events: EventRecorder, claim: Claim, why: string): WorkOutcome {
  const message = `failed to provision volume with StorageClass ${JSON.stringify(classNameOf(claim))}: ${why}`
  events.event(claim, 'Warning', 'ProvisioningFailed', message)
  return { type: 'retry' }
}

async function remove(
  { disk, client }: Provisioning,
  { metadata: { name, uid }, spec }: Stored<PersistentVolume>,
): Promise<WorkOutcome> {
  await disk.remove(spec.local?.path ?? '')
  const deleted = await client.delete(kinds.persistentVolumes, name, undefined, { preconditions: { uid } })
  return { type: deleted.ok || deleted.error.code === 404 ? 'done' : 'retry' }
}
