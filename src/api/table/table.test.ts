import { describe, expect, it } from 'vitest'
import { allKinds, kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { tableFor } from './table.ts'

const nowMs = Date.parse('2026-01-01T03:04:00Z')
const metadata = { name: 'x', namespace: 'n', creationTimestamp: '2026-01-01T00:00:00Z' }
const template = {
  spec: {
    containers: [
      { name: 'c', image: 'i' },
      { name: 'd', image: 'j' },
    ],
  },
}

type Case = readonly [kind: keyof typeof kinds, object: object, cells: readonly (string | number)[]]

/** Cells as kube-apiserver 1.36.1 writes them. */
const cases: readonly Case[] = [
  ['namespaces', { status: { phase: 'Active' } }, ['x', 'Active', '3h4m']],
  ['configMaps', { data: { a: '' }, binaryData: { b: '' } }, ['x', 2, '3h4m']],
  ['secrets', { type: 'Opaque', data: { a: '' } }, ['x', 'Opaque', 1, '3h4m']],
  ['serviceAccounts', {}, ['x', '3h4m']],
  ['leases', { spec: { holderIdentity: 'me' } }, ['x', 'me', '3h4m']],
  ['clusterRoles', { rules: null }, ['x', '2026-01-01T00:00:00Z']],
  [
    'pods',
    {
      spec: { containers: [{ name: 'c' }], nodeName: 'node', readinessGates: [{ conditionType: 'a/b' }] },
      status: {
        phase: 'Running',
        podIPs: [{ ip: '10.0.0.1' }],
        containerStatuses: [
          {
            name: 'c',
            ready: true,
            restartCount: 2,
            state: { running: {} },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T02:59:00Z' } },
          },
        ],
      },
    },
    ['x', '1/1', 'Running', '2 (5m ago)', '3h4m', '10.0.0.1', 'node', '<none>', '0/1'],
  ],
  [
    'deployments',
    {
      spec: { replicas: 3, selector: { matchLabels: { a: 'b' } }, template },
      status: { readyReplicas: 2, updatedReplicas: 1 },
    },
    ['x', '2/3', 1, 0, '3h4m', 'c,d', 'i,j', 'a=b'],
  ],
  [
    'replicaSets',
    { spec: { replicas: 3, selector: { matchLabels: { a: 'b' } }, template }, status: { replicas: 2 } },
    ['x', 3, 2, 0, '3h4m', 'c,d', 'i,j', 'a=b'],
  ],
  [
    'daemonSets',
    {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { spec: { ...template.spec, nodeSelector: { z: 'y' } } },
      },
      status: { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, updatedNumberScheduled: 2 },
    },
    ['x', 5, 4, 3, 2, 0, 'z=y', '3h4m', 'c,d', 'i,j', 'a=b'],
  ],
  ['controllerRevisions', { revision: 2 }, ['x', '<none>', 2, '3h4m']],
  [
    'jobs',
    {
      spec: { completions: 3, template, selector: { matchLabels: { a: 'b' } } },
      status: { succeeded: 1, startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:01:05Z' },
    },
    ['x', 'Running', '1/3', '65s', '3h4m', 'c,d', 'i,j', 'a=b'],
  ],
  [
    'jobs',
    { spec: { parallelism: 4, template }, status: { conditions: [{ type: 'Complete', status: 'True' }] } },
    ['x', 'Complete', '0/1 of 4', '', '3h4m', 'c,d', 'i,j', '<none>'],
  ],
  [
    'services',
    {
      spec: {
        type: 'NodePort',
        clusterIPs: ['10.1.1.1'],
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
        selector: { b: '1', a: '2' },
      },
    },
    ['x', 'NodePort', '10.1.1.1', '<none>', '80:30080/TCP,53/UDP', '3h4m', 'a=2,b=1'],
  ],
  [
    'services',
    {
      spec: { type: 'LoadBalancer', externalIPs: ['1.1.1.1'] },
      status: { loadBalancer: { ingress: [{ hostname: 'z.example.com' }, { ip: '9.9.9.9' }] } },
    },
    ['x', 'LoadBalancer', '<none>', '9.9.9.9,z.example.com,1.1.1.1', '<none>', '3h4m', '<none>'],
  ],
  [
    'services',
    { spec: { type: 'LoadBalancer' }, status: {} },
    ['x', 'LoadBalancer', '<none>', '<pending>', '<none>', '3h4m', '<none>'],
  ],
  [
    'services',
    { spec: { type: 'ExternalName', externalName: 'a.b' } },
    ['x', 'ExternalName', '<none>', 'a.b', '<none>', '3h4m', '<none>'],
  ],
  ['endpoints', {}, ['x', '<none>', '3h4m']],
  [
    'endpoints',
    {
      subsets: [
        { addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }, { ip: 'fd00::1' }], ports: [{ port: 80 }, { port: 81 }] },
      ],
    },
    ['x', '10.0.0.1:80,10.0.0.2:80,[fd00::1]:80 + 3 more...', '3h4m'],
  ],
  [
    'endpointSlices',
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }, { name: 'web' }] },
    ['x', 'IPv4', '80,web', '10.0.0.1', '3h4m'],
  ],
  [
    'endpointSlices',
    { addressType: 'IPv4', endpoints: null, ports: null },
    ['x', 'IPv4', '<unset>', '<unset>', '3h4m'],
  ],
  [
    'nodes',
    {
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'Unknown' }],
        addresses: [{ type: 'InternalIP', address: '1.1.1.1' }],
        nodeInfo: { kubeletVersion: 'v1', kernelVersion: '6.1', architecture: 'amd64' },
      },
    },
    [
      'x',
      'NotReady,SchedulingDisabled',
      '<none>',
      '3h4m',
      'v1',
      '1.1.1.1',
      '<none>',
      '<unknown>',
      '6.1 (amd64)',
      '<unknown>',
    ],
  ],
  [
    'events',
    {
      involvedObject: { kind: 'Pod', name: 'p' },
      reason: 'R',
      type: 'Normal',
      message: ' m\n',
      firstTimestamp: '2026-01-01T03:03:30Z',
      source: { component: 'kubelet', host: 'h' },
    },
    ['30s', 'Normal', 'R', 'pod/p', '', 'kubelet, h', 'm', '30s', 1, 'x'],
  ],
  [
    'events',
    {
      involvedObject: { kind: 'Node' },
      eventTime: '2026-01-01T03:00:00.000000Z',
      series: { count: 4, lastObservedTime: '2026-01-01T03:03:00.000000Z' },
      reportingComponent: 'c',
    },
    ['60s', '', '', 'node', '', 'c', '', '4m', 4, 'x'],
  ],
  [
    'roleBindings',
    {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', namespace: 'a', name: 's' },
        { kind: 'User', name: 'v' },
      ],
    },
    ['x', 'Role/r', '3h4m', 'u, v', '', 'a/s'],
  ],
]

function objectOf(kind: keyof typeof kinds, fields: object): ApiObject {
  return { apiVersion: 'v1', kind: kinds[kind].kind, metadata, ...fields } as ApiObject
}

describe('a table', () => {
  it.each(cases)('%#: shows %s %j', (kind, fields, cells) => {
    const table = tableFor(kinds[kind], [objectOf(kind, fields)], { nowMs, includeObject: 'None' })
    expect(table.rows).toEqual([{ cells, object: null }])
  })

  it('has as many cells as columns, of every kind', () => {
    const spec = { source: {}, pool: {}, template: {} }
    const bare = { involvedObject: {}, roleRef: {}, addressType: '', endpoints: [], spec }
    for (const kind of allKinds) {
      const object = { apiVersion: 'v1', kind: kind.kind, metadata, ...bare } as ApiObject
      const { columnDefinitions, rows } = tableFor(kind, [object], { nowMs, includeObject: 'None' })
      // Of IPAddresses the original sends an age, without a column for it.
      const more = kind === kinds.ipAddresses ? 1 : 0
      expect(rows[0]?.cells.length, kind.plural).toBe((columnDefinitions?.length ?? 0) + more)
    }
  })

  it('says of a pod that is done that it is', () => {
    const pod = objectOf('pods', { status: { phase: 'Succeeded' } })
    expect(tableFor(kinds.pods, [pod], { nowMs, includeObject: 'None' }).rows[0]?.conditions).toEqual([
      { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
    ])
  })

  it('takes along what is asked for', () => {
    const secret = objectOf('secrets', { data: {} })
    const row = (includeObject: 'Metadata' | 'Object') =>
      tableFor(kinds.secrets, [secret], { nowMs, includeObject }).rows[0]?.object
    expect(row('Metadata')).toEqual({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata })
    expect(row('Object')).toBe(secret)
  })

  it('carries the list’s metadata, and no headers when told so', () => {
    const options = { nowMs, includeObject: 'None', metadata: { resourceVersion: '7' }, noHeaders: true } as const
    expect(tableFor(kinds.secrets, [], options)).toMatchObject({
      kind: 'Table',
      metadata: { resourceVersion: '7' },
      columnDefinitions: null,
    })
  })
})
