import { attachmentName, uniqueVolumeName, volumeOfUniqueName } from '../../api/csi.ts'
import type { Node, PersistentVolume, Pod, VolumeAttachment } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, event, remove, requeue, targetOf } from '../action.ts'

/** A volume that has to be attached to the node, and the pods there that want it. */
export type WantedVolume = Readonly<{
  volume: Stored<PersistentVolume>
  driver: string
  handle: string
  pods: readonly Stored<Pod>[]
}>

export type ObservedAttachments = Readonly<{
  nodeName: string
  /** Undefined: it is no more. */
  node: Stored<Node> | undefined
  wanted: readonly WantedVolume[]
  /** Of volumes of this node. */
  attachments: readonly Stored<VolumeAttachment>[]
  /** Of other nodes, by the volume's name. */
  elsewhere: ReadonlyMap<string, readonly Stored<VolumeAttachment>[]>
  /** How drivers know the volumes of attachments. */
  handleOf: (volumeName: string) => Readonly<{ driver: string; handle: string }> | undefined
}>

/** How soon to look again for a volume that another node still has. */
const blockedRetryMs = 10_000

/**
 * Has volumes attached to the node whose pods want them, and detached when no pod does and the node has let go of them; drivers' attachers
 * do it, for each VolumeAttachment. As the original's attach/detach controller.
 */
export function reconcileAttachments(observed: ObservedAttachments): readonly Action[] {
  return [...attach(observed), ...detach(observed), ...tellNode(observed)]
}

function attach({ nodeName, node, wanted, attachments, elsewhere }: ObservedAttachments): readonly Action[] {
  if (node === undefined) return []
  return wanted.flatMap((one): readonly Action[] => {
    const { volume, driver, handle, pods } = one
    const name = attachmentName(handle, driver, nodeName)
    if (attachments.some(({ metadata }) => metadata.name === name)) return []
    const others = elsewhere.get(volume.metadata.name) ?? []
    if (isExclusive(volume) && others.length > 0)
      return [...pods.map((pod) => multiAttach(pod, volume)), requeue(blockedRetryMs)]
    return [
      create(kinds.volumeAttachments, {
        metadata: { name },
        spec: { attacher: driver, nodeName, source: { persistentVolumeName: volume.metadata.name } },
      }),
    ]
  })
}

function isExclusive({ spec }: Stored<PersistentVolume>): boolean {
  const modes = spec.accessModes ?? []
  return modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod')
}

function multiAttach(pod: Stored<Pod>, { metadata }: Stored<PersistentVolume>): Action {
  const message = `Multi-Attach error for volume ${JSON.stringify(metadata.name)} Volume is already exclusively attached to one node and can't be attached to another`
  return event(pod, 'Warning', 'FailedAttachVolume', message)
}

type Handle = Readonly<{ driver: string; handle: string }>

/** Also of a volume that has gone meanwhile: what is attached to the node stands in its status. */
function handleOfAttachment(
  { node, handleOf }: ObservedAttachments,
  { metadata, spec }: Stored<VolumeAttachment>,
): Handle | undefined {
  const known = handleOf(spec.source.persistentVolumeName ?? '')
  if (known !== undefined) return known
  const { volumesAttached = [], volumesInUse = [] } = node?.status ?? {}
  return [...volumesAttached.map(({ name }) => name), ...volumesInUse]
    .flatMap((name) => volumeOfUniqueName(name) ?? [])
    .find(({ driver, handle }) => attachmentName(handle, driver, spec.nodeName) === metadata.name)
}

function detach(observed: ObservedAttachments): readonly Action[] {
  const { node, wanted, attachments } = observed
  const names = new Set(wanted.map(({ volume }) => volume.metadata.name))
  const inUse = new Set(node?.status.volumesInUse ?? [])
  return attachments
    .filter((attachment) => {
      const { metadata, spec } = attachment
      const { persistentVolumeName = '' } = spec.source
      if (metadata.deletionTimestamp !== undefined || names.has(persistentVolumeName)) return false
      // What somebody else has attached for a purpose of theirs is theirs.
      const known = handleOfAttachment(observed, attachment)
      const isOurs = known !== undefined && metadata.name === attachmentName(known.handle, known.driver, spec.nodeName)
      return isOurs && !inUse.has(uniqueVolumeName(known.driver, known.handle))
    })
    .map((attachment) => remove(targetOf(kinds.volumeAttachments, attachment)))
}

/** What is attached stands in the node's status, and pods hear of it when it comes to stand there. */
function tellNode(observed: ObservedAttachments): readonly Action[] {
  const { node, wanted, attachments } = observed
  if (node === undefined) return []
  const attached = attachments
    .filter(({ metadata, status }) => status?.attached === true && metadata.deletionTimestamp === undefined)
    .flatMap((attachment) => {
      const known = handleOfAttachment(observed, attachment)
      return known === undefined ? [] : [uniqueVolumeName(known.driver, known.handle)]
    })
    .sort()
  const shown = (node.status.volumesAttached ?? []).map(({ name }) => name)
  if (JSON.stringify([...shown].sort()) === JSON.stringify(attached)) return []
  const fresh = wanted.filter(({ driver, handle }) => {
    const name = uniqueVolumeName(driver, handle)
    return attached.includes(name) && !shown.includes(name)
  })
  const status = { volumesAttached: attached.map((name) => ({ name, devicePath: '' })) }
  return [
    {
      type: 'patch',
      target: targetOf(kinds.nodes, node),
      patch: { type: 'merge', body: { status } },
      subresource: 'status',
    },
    ...fresh.flatMap(({ volume, pods }) => pods.map((pod) => attachedEvent(pod, volume))),
  ]
}

function attachedEvent(pod: Stored<Pod>, { metadata }: Stored<PersistentVolume>): Action {
  const message = `AttachVolume.Attach succeeded for volume ${JSON.stringify(metadata.name)} `
  return event(pod, 'Normal', 'SuccessfulAttachVolume', message)
}
