import type { PersistentVolume, Pod, VolumeAttachment } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { claimKeysOf } from '../../api/persistent-volume.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedAttachments, reconcileAttachments, type WantedVolume } from './attach-detach.ts'

/** Keys are the names of nodes. */
export function attachDetachController({ informers }: ControllerDeps): Controller<ObservedAttachments> {
  const nodes = informers.of(kinds.nodes)
  const pods = informers.of(kinds.pods)
  const claims = informers.of(kinds.persistentVolumeClaims)
  const volumes = informers.of(kinds.persistentVolumes)
  const attachments = informers.of(kinds.volumeAttachments)
  const drivers = informers.of(kinds.csiDrivers)

  const volumeOf = (claimKey: string): Stored<PersistentVolume> | undefined =>
    volumes.get(claims.get(claimKey)?.spec.volumeName ?? '')
  const handleOf = (volumeName: string): ReturnType<ObservedAttachments['handleOf']> => {
    const csi = volumes.get(volumeName)?.spec.csi
    return csi && { driver: csi.driver, handle: csi.volumeHandle }
  }
  const wantedOn = (nodeName: string): readonly WantedVolume[] => {
    const wanted = new Map<string, WantedVolume>()
    for (const pod of pods.indexed('node', nodeName)) {
      if (isOver(pod)) continue
      for (const key of claimKeysOf(pod)) {
        const volume = volumeOf(key)
        const known = volume && handleOf(volume.metadata.name)
        if (volume === undefined || known === undefined) continue
        if (drivers.get(known.driver)?.spec.attachRequired === false) continue
        const others = wanted.get(volume.metadata.name)?.pods ?? []
        wanted.set(volume.metadata.name, { ...known, volume, pods: [...others, pod] })
      }
    }
    return [...wanted.values()]
  }
  const nodesOfClaim = (claimKey: string): readonly string[] =>
    pods.indexed('claim', claimKey).flatMap(({ spec }) => spec.nodeName ?? [])
  const attachedElsewhere = (nodeName: string): ObservedAttachments['elsewhere'] => {
    const found = new Map<string, Stored<VolumeAttachment>[]>()
    for (const attachment of attachments.list()) {
      const name = attachment.spec.source.persistentVolumeName ?? ''
      if (attachment.spec.nodeName !== nodeName) found.set(name, [...(found.get(name) ?? []), attachment])
    }
    return found
  }
  const withClaims = (pod: Stored<Pod>): readonly string[] =>
    claimKeysOf(pod).length > 0 && pod.spec.nodeName ? [pod.spec.nodeName] : []
  return {
    name: 'attachdetach-controller',
    concurrency: 4,
    sources: [
      source(kinds.nodes, ({ metadata }) => [metadata.name]),
      source(kinds.pods, withClaims),
      source(kinds.persistentVolumeClaims, (claim) => nodesOfClaim(objectKey(claim))),
      source(kinds.persistentVolumes, ({ spec }) =>
        spec.csi === undefined || spec.claimRef === undefined
          ? []
          : nodesOfClaim(`${spec.claimRef.namespace}/${spec.claimRef.name}`),
      ),
      source(kinds.volumeAttachments, ({ spec }) => [spec.nodeName]),
      source(kinds.csiDrivers, () => nodes.list().map(({ metadata }) => metadata.name)),
    ],
    observe(nodeName) {
      const own = attachments.list().filter(({ spec }) => spec.nodeName === nodeName)
      const wanted = wantedOn(nodeName)
      const node = nodes.get(nodeName)
      // Most nodes have nothing of the kind, and change often.
      if (own.length === 0 && wanted.length === 0 && (node?.status.volumesAttached ?? []).length === 0) return undefined
      const elsewhere = attachedElsewhere(nodeName)
      return { nodeName, node, wanted, attachments: own, elsewhere, handleOf }
    },
    reconcile: reconcileAttachments,
  }
}

function isOver({ status }: Stored<Pod>): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}
