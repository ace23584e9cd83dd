import type { KindValues } from './field-values.ts'
import { longName, nodeTerms, quantities, selectors } from './shared.ts'

export const storageValues: KindValues = {
  storageClasses: {
    provisioner: ['a.test/b', 'Upper.test/B', 'a b', '', undefined],
    reclaimPolicy: ['Retain', 'Delete', 'Recycle', 'Other'],
    volumeBindingMode: ['Immediate', 'WaitForFirstConsumer', 'Other', ''],
    parameters: [{ a: 'b' }, { '': 'b' }, { a: 'x'.repeat(300_000) }],
    allowedTopologies: [
      [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }],
      [{ matchLabelExpressions: [{ key: 'a', values: [] }] }],
      [{ matchLabelExpressions: [{ key: 'bad key!', values: ['b', 'b'] }] }],
      [
        {
          matchLabelExpressions: [
            { key: 'a', values: ['b'] },
            { key: 'a', values: ['c'] },
          ],
        },
      ],
      [{}, {}],
    ],
    allowVolumeExpansion: [true, false],
    mountOptions: [['a'], ['']],
  },
  persistentVolumes: {
    'spec.capacity': [{ storage: '2Gi' }, { storage: '0' }, { storage: '-1' }, { cpu: '1' }, undefined],
    'spec.accessModes': [['ReadOnlyMany'], [], ['Other'], ['ReadWriteOncePod', 'ReadWriteOnce'], undefined],
    'spec.persistentVolumeReclaimPolicy': ['Delete', 'Recycle', 'Other'],
    'spec.hostPath': [
      { path: '/tmp' },
      { path: '/' },
      { path: '/a/../b' },
      { path: '' },
      { path: '/a', type: 'Other' },
    ],
    'spec.nfs': [
      { server: 's', path: '/p' },
      { server: '', path: '' },
      { server: 's', path: 'p' },
    ],
    'spec.volumeMode': ['Block', 'Filesystem', 'Other'],
    'spec.storageClassName': ['c', 'Upper', ''],
    'spec.nodeAffinity.required': nodeTerms,
    'spec.mountOptions': [['ro'], ['']],
    'spec.claimRef': [
      { name: 'c', namespace: 'n' },
      { name: '', namespace: '' },
      { name: 'Bad!', namespace: 'Bad!' },
    ],
    'spec.volumeAttributesClassName': ['c', '', 'Bad!'],
  },
  persistentVolumeClaims: {
    'spec.accessModes': [['ReadWriteMany'], [], ['Other'], ['ReadWriteOncePod', 'ReadWriteOnce']],
    'spec.resources.requests.storage': quantities,
    'spec.resources': [{}, { requests: { storage: '1Gi' }, limits: { storage: '2Gi' } }],
    'spec.storageClassName': ['c', 'Upper'],
    'spec.volumeMode': ['Block', 'Other'],
    'spec.selector': selectors.slice(0, 4),
    'spec.volumeName': ['v', 'Upper'],
    'spec.dataSource': [
      { kind: 'PersistentVolumeClaim', name: 'c' },
      { kind: 'Other', name: '' },
      { kind: 'VolumeSnapshot', name: 's', apiGroup: 'snapshot.storage.k8s.io' },
    ],
    'spec.dataSourceRef': [
      { kind: 'K', name: 'n', apiGroup: 'a.test' },
      { kind: '', name: '', namespace: 'x' },
    ],
    'spec.volumeAttributesClassName': ['c', '', 'Bad!'],
  },
  volumeAttachments: {
    'spec.attacher': ['a.test', 'Bad!', '', longName],
    'spec.nodeName': ['m', 'Bad!', ''],
    'spec.source': [{}, { persistentVolumeName: 'Bad!' }, { persistentVolumeName: '' }, { inlineVolumeSpec: {} }],
  },
  csiDrivers: {
    'spec.attachRequired': [true, false],
    'spec.volumeLifecycleModes': [['Persistent'], ['Ephemeral', 'Ephemeral'], ['Other'], []],
    'spec.fsGroupPolicy': ['None', 'File', 'Other'],
    'spec.tokenRequests': [
      [{ audience: 'a' }],
      [{ audience: 'a' }, { audience: 'a' }],
      [{ audience: 'a', expirationSeconds: 1 }],
      [{ audience: 'a', expirationSeconds: 2 ** 33 }],
    ],
    'spec.requiresRepublish': [true],
    'spec.podInfoOnMount': [true],
    'spec.seLinuxMount': [true],
    'spec.storageCapacity': [true],
    'spec.nodeAllocatableUpdatePeriodSeconds': [10, 9, 0],
  },
  csiNodes: {
    'spec.drivers': [
      [],
      [{ name: 'd', nodeID: 'n', topologyKeys: ['a', 'a'] }],
      [{ name: 'd', nodeID: 'n', topologyKeys: ['bad key!', ''] }],
      [{ name: 'd', nodeID: '' }],
      [{ name: '', nodeID: 'n' }],
      [{ name: 'Bad!', nodeID: 'n' }],
      [
        { name: 'd', nodeID: 'n' },
        { name: 'd', nodeID: 'm' },
      ],
      [{ name: 'd', nodeID: 'n', allocatable: { count: -1 } }],
      [{ name: 'd', nodeID: 'x'.repeat(300) }],
    ],
  },
  csiStorageCapacities: {
    storageClassName: ['c', 'Bad!', ''],
    capacity: quantities,
    maximumVolumeSize: quantities,
    nodeTopology: selectors,
  },
  volumeAttributesClasses: {
    driverName: ['a.test', 'Bad!', '', longName],
    parameters: [{ a: 'b' }, {}, { '': 'x' }, { a: 'x'.repeat(300_000) }, undefined],
  },
}
