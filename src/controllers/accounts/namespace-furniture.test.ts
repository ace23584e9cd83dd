import { describe, expect, it } from 'vitest'
import type { ConfigMap, Secret, ServiceAccount } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { brief, sampleMeta, sampleNamespace, secondsAgo } from '../sample-objects.ts'
import { reconcileRootCa } from './root-ca-publisher.ts'
import { reconcileServiceAccounts } from './service-account.ts'
import { reconcileTokenSecret } from './token-secret.ts'

const namespace = sampleNamespace('n')
const dying = sampleNamespace('n', { metadata: { deletionTimestamp: secondsAgo(1) } })
const serviceAccount: Stored<ServiceAccount> = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: sampleMeta('default'),
}

describe('every active namespace', () => {
  it('has its default ServiceAccount', () => {
    expect(brief(reconcileServiceAccounts({ namespace }))).toEqual(['create serviceaccounts/default'])
    expect(reconcileServiceAccounts({ namespace, serviceAccount })).toEqual([])
    expect(reconcileServiceAccounts({ namespace: dying })).toEqual([])
  })

  it('has the root CA, as it is now', () => {
    const [action] = reconcileRootCa({ namespace, rootCaPem: 'CA' })
    expect(action).toMatchObject({
      type: 'create',
      object: { metadata: { name: 'kube-root-ca.crt', namespace: 'n' }, data: { 'ca.crt': 'CA' } },
    })
    const made = action?.type === 'create' ? (action.object as ConfigMap) : {}
    const metadata = { ...sampleMeta('kube-root-ca.crt'), ...made.metadata }
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', ...made, metadata } as Stored<ConfigMap>
    expect(reconcileRootCa({ namespace, configMap, rootCaPem: 'CA' })).toEqual([])
    expect(reconcileRootCa({ namespace, configMap, rootCaPem: 'new' })).toMatchObject([
      { type: 'update', object: { data: { 'ca.crt': 'new' } } },
    ])
    expect(reconcileRootCa({ namespace: dying, rootCaPem: 'CA' })).toEqual([])
  })
})

describe('a token secret', () => {
  const secret = (data?: Secret['data']): Stored<Secret> => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: sampleMeta('s', { annotations: { 'kubernetes.io/service-account.name': 'default' } }),
    ...(data && { data }),
  })
  const kept = { caCrt: 'Q0E=', namespace: 'bg==' }

  it('is filled', () => {
    expect(reconcileTokenSecret({ secret: secret(), serviceAccount, ...kept, token: 'dA==' })).toMatchObject([
      {
        type: 'update',
        object: {
          data: { 'ca.crt': 'Q0E=', namespace: 'bg==', token: 'dA==' },
          metadata: {
            annotations: {
              'kubernetes.io/service-account.name': 'default',
              'kubernetes.io/service-account.uid': 'uid-default',
            },
          },
        },
      },
    ])
  })
  it('keeps what it has', () => {
    const full = secret({ 'ca.crt': 'Q0E=', namespace: 'bg==', token: 'old' })
    expect(reconcileTokenSecret({ secret: full, serviceAccount, ...kept })).toEqual([])
    expect(reconcileTokenSecret({ secret: full, serviceAccount, ...kept, caCrt: 'bmV3' })).toMatchObject([
      { object: { data: { 'ca.crt': 'bmV3', token: 'old' } } },
    ])
  })
  it('goes with its ServiceAccount', () => {
    expect(brief(reconcileTokenSecret({ secret: secret(), ...kept }))).toEqual(['delete secrets/s'])
  })
})
