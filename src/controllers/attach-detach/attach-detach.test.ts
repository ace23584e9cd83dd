import { describe, expect, it } from 'vitest'
import { attachmentName, uniqueVolumeName } from '../../api/csi.ts'
import type { Node, PersistentVolume, VolumeAttachment } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { sampleMeta, samplePod } from '../sample-objects.ts'
import { type ObservedAttachments, reconcileAttachments } from './attach-detach.ts'

const [driver, handle] = ['csi.example.com', 'vol-1']
const key = uniqueVolumeName(driver, handle)

function volume(modes: readonly string[] = ['ReadWriteOnce']): Stored<PersistentVolume> {
  const spec = { accessModes: modes, csi: { driver, volumeHandle: handle } }
  return { apiVersion: 'v1', kind: 'PersistentVolume', metadata: sampleMeta('pv'), spec, status: {} }
}

function attachment(nodeName: string, attached: boolean, more: object = {}): Stored<VolumeAttachment> {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: sampleMeta(attachmentName(handle, driver, nodeName), more),
    spec: { attacher: driver, nodeName, source: { persistentVolumeName: 'pv' } },
    status: { attached },
  }
}

function node(status: Node['status'] = {}): Stored<Node> {
  return { apiVersion: 'v1', kind: 'Node', metadata: sampleMeta('n1'), spec: {}, status: status ?? {} }
}

function observed(more: Partial<ObservedAttachments>): ObservedAttachments {
  return {
    nodeName: 'n1',
    node: node(),
    wanted: [],
    attachments: [],
    elsewhere: new Map(),
    handleOf: (name) => (name === 'pv' ? { driver, handle } : undefined),
    ...more,
  }
}

const wanted = [{ volume: volume(), driver, handle, pods: [samplePod('web')] }]
const said = (more: Partial<ObservedAttachments>) =>
  reconcileAttachments(observed(more)).map((action) => {
    if (action.type === 'event') return `${action.reason}: ${action.message}`
    if (action.type === 'create') return `create ${action.object.metadata.name}`
    return action.type
  })

describe('volumes are', () => {
  it('attached to the node whose pods want them', () => {
    expect(said({ wanted })).toEqual([`create ${attachmentName(handle, driver, 'n1')}`])
    expect(said({ wanted, attachments: [attachment('n1', false)] })).toEqual([])
    expect(said({ wanted, node: undefined })).toEqual([])
  })

  it('shown as attached, and the pods told', () => {
    const attachments = [attachment('n1', true)]
    expect(said({ wanted, attachments })).toEqual([
      'patch',
      'SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "pv" ',
    ])
    const shown = node({ volumesAttached: [{ name: key, devicePath: '' }] })
    expect(said({ wanted, attachments, node: shown })).toEqual([])
  })

  it('not attached to two nodes, where one may have them', () => {
    const elsewhere = new Map([['pv', [attachment('n2', true)]]])
    expect(said({ wanted, elsewhere })[0]).toMatch(/^FailedAttachVolume: Multi-Attach error for volume "pv" Volume is/)
    const shared = [{ volume: volume(['ReadWriteMany']), driver, handle, pods: [] }]
    expect(said({ wanted: shared, elsewhere })[0]).toMatch(/^create/)
  })

  it('detached when no pod wants them and the node has let go of them', () => {
    const attachments = [attachment('n1', true)]
    const shown = { volumesAttached: [{ name: key, devicePath: '' }] }
    expect(said({ attachments, node: node({ ...shown, volumesInUse: [key] }) })).toEqual([])
    expect(said({ attachments, node: node(shown) })).toEqual(['delete'])
    expect(said({ attachments, node: undefined })).toEqual(['delete'])
    expect(said({ attachments: [attachment('n1', true, { name: 'mine' })], node: node(shown) })).toEqual([])
  })

  it('detached also when the volume has gone meanwhile: the node knows what it was', () => {
    const [attachments, handleOf] = [[attachment('n1', true)], () => undefined]
    const shown = { volumesAttached: [{ name: key, devicePath: '' }] }
    expect(said({ attachments, handleOf, node: node({ ...shown, volumesInUse: [key] }) })).toEqual([])
    expect(said({ attachments, handleOf, node: node(shown) })).toEqual(['delete'])
    expect(said({ attachments, handleOf })).toEqual([])
  })
})
