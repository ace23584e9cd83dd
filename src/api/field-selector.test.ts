import { describe, expect, it } from 'vitest'
import { fieldsOf, matchesFields, parseFieldSelector, supportFields } from './field-selector.ts'
import { kinds } from './kinds.ts'
import type { ApiObject } from './object.ts'

function select(kind: Parameters<typeof supportFields>[0], text: string, object: ApiObject) {
  const parsed = parseFieldSelector(text)
  const selector = parsed.ok ? supportFields(kind, parsed.value) : parsed
  return selector.ok ? matchesFields(kind, selector.value, object) : selector.error
}

const pod: ApiObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { nodeName: 'n1', restartPolicy: 'Always', serviceAccountName: 'default', schedulerName: 'own' },
  status: { phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }] },
}
const event: ApiObject = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'shop' },
  involvedObject: { kind: 'Pod', name: 'web', namespace: 'shop', uid: 'u' },
  reason: 'Started',
  type: 'Normal',
  reportingComponent: 'kubelet',
  source: {},
}
const node: ApiObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} }
const deployment: ApiObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'shop' } }

const cases: readonly (readonly [
  kind: (typeof kinds)[keyof typeof kinds],
  text: string,
  object: ApiObject,
  is: boolean | string,
])[] = [
  [kinds.pods, '', pod, true],
  [kinds.certificateSigningRequests, 'spec.signerName=a', { ...node, spec: { signerName: 'a' } }, true],
  [kinds.pods, 'spec.nodeName=n1,status.phase!=Failed', pod, true],
  [kinds.pods, 'spec.host==n1', pod, true],
  [kinds.pods, 'spec.nodeName=', pod, false],
  [kinds.pods, 'status.podIP=10.0.0.9', pod, true],
  [kinds.pods, 'spec.hostNetwork=false', pod, true],
  [kinds.pods, 'status.nominatedNodeName=', pod, true],
  [kinds.pods, 'metadata.name=web,metadata.namespace=other', pod, false],
  [kinds.pods, '=', pod, true],
  [kinds.pods, 'foo.bar=x', pod, 'field label not supported: foo.bar'],
  [kinds.pods, 'foo', pod, "invalid selector: 'foo'; can't understand 'foo'"],
  [kinds.pods, 'metadata.name=a\\x', pod, 'invalid field selector: invalid escape sequence: \\x'],
  [kinds.pods, 'metadata.name=a=b', pod, 'invalid field selector: unescaped character in value: 61'],
  [kinds.events, 'involvedObject.uid=u,reason=Started,type=Normal', event, true],
  [kinds.events, 'source=kubelet', event, true],
  [kinds.nodes, 'spec.unschedulable=false', node, true],
  [kinds.nodes, 'metadata.namespace=x', node, 'field label not supported: metadata.namespace'],
  [kinds.namespaces, 'name=x', node, 'field label not supported: name'],
  [kinds.deployments, 'metadata.namespace=shop', deployment, true],
  [
    kinds.deployments,
    'status.replicas=1',
    deployment,
    '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
]

describe('a field selector', () => {
  it.each(cases)('%#: of $plural, %j', (kind, text, object, is) => {
    expect(select(kind, text, object)).toBe(is)
  })

  it('takes escaped commas, equal signs and backslashes for themselves', () => {
    expect(parseFieldSelector('a=x\\,y\\=z\\\\')).toEqual({
      ok: true,
      value: [{ field: 'a', value: 'x,y=z\\', negated: false }],
    })
  })

  it('knows all fields of a secret', () => {
    const secret: ApiObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type: 'Opaque' }
    expect(fieldsOf(kinds.secrets, secret)).toEqual({
      'metadata.name': 's',
      'metadata.namespace': '',
      type: 'Opaque',
    })
  })
})
