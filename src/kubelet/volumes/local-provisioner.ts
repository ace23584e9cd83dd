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
import { type OwnVolumes, watchOwnVolumes } from './own-volumes.ts'
import {
  claimStep,
  isAskedFor,
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
type Provisioning = LocalProvisionerDeps &
  Readonly<{ events: EventRecorder; claims: Informer<PersistentVolumeClaim>; volumes: OwnVolumes }>

/** Makes volumes of the class that every cluster has, folders on this node, and removes them. */
export function startLocalProvisioner(deps: LocalProvisionerDeps): Readonly<{ stop(): void }> {
  const events = makeEventRecorder({ ...deps, component: localProvisioner, host: deps.nodeName })
  // Keys of claims have a namespace, those of volumes have none.
  const process = (key: string): Promise<WorkOutcome> =>
    key.includes('/') ? processClaim(provisioning, key) : processVolume(provisioning, key)
  const queue = makeWorkQueue({ clock: deps.clock, concurrency: 4, process })
  const claims = startInformer({ ...deps, kind: kinds.persistentVolumeClaims })
  const volumes = watchOwnVolumes(deps, queue)
  const provisioning: Provisioning = { ...deps, events, claims, volumes }
  void begin(provisioning, queue)
  return {
    stop() {
      queue.stop()
      events.stop()
      claims.stop()
      volumes.stop()
    },
  }
}

async function begin({ claims, volumes }: Provisioning, queue: WorkQueue): Promise<void> {
  await claims.whenSynced()
  await volumes.looked
  claims.onChange((_, after) => void (after && queue.add(objectKey(after))))
  for (const claim of claims.list()) queue.add(objectKey(claim))
}

function processVolume(provisioning: Provisioning, key: string): Promise<WorkOutcome> {
  const volume = provisioning.volumes.get(key)
  return carryOut(
    provisioning,
    key,
    volume === undefined ? { type: 'nothing' } : volumeStep(volume, provisioning.nodeName),
  )
}

/** Claims seldom concern this node, and classes hardly change: the claim's class is asked for when it counts. */
async function processClaim(provisioning: Provisioning, key: string): Promise<WorkOutcome> {
  const { client, claims, volumes, nodeName } = provisioning
  const claim = claims.get(key)
  if (claim === undefined || !isAskedFor(claim, nodeName)) return { type: 'done' }
  const storageClass = await client.get(kinds.storageClasses, classNameOf(claim))
  // Also where there is none: the claim waits for it.
  if (!storageClass.ok) return { type: 'retry' }
  const step = claimStep(claim, storageClass.value, volumes.get(volumeNameFor(claim)), nodeName)
  return carryOut(provisioning, key, step)
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
  { disk, client, events, volumes, directory, nodeName }: Provisioning,
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
  volumes.begin()
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
