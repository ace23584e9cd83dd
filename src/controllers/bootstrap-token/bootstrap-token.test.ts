import { describe, expect, it } from 'vitest'
import type { ConfigMap, Secret } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { reconcileClusterInfo } from './bootstrap-signer.ts'
import { reconcileBootstrapToken } from './token-cleaner.ts'

const nowMs = Date.UTC(2026, 0, 1)

function token(id: string, more: Readonly<Record<string, string>> = {}): Stored<Secret> {
  const fields = { 'token-id': id, 'token-secret': 's', 'usage-bootstrap-signing': 'true', ...more }
  const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, btoa(value)]))
  const metadata = { name: `bootstrap-token-${id}`, namespace: 'kube-system', uid: id }
  return { metadata, type: 'bootstrap.kubernetes.io/token', data } as unknown as Stored<Secret>
}

describe('a bootstrap token', () => {
  it.each([
    [{}, []],
    [{ expiration: '2026-01-01T00:01:00Z' }, [{ type: 'requeue', afterMs: 60_000 }]],
    [
      { expiration: '2026-01-01T00:00:00Z' },
      [{ type: 'delete', target: { name: 'bootstrap-token-aaaaaa', uid: 'aaaaaa' } }],
    ],
    [{ expiration: 'nonsense' }, [{ type: 'delete' }]],
  ])('that says %j goes in its time', (more, actions) => {
    expect(reconcileBootstrapToken({ secret: token('aaaaaa', more), nowMs })).toMatchObject(actions)
  })
})

describe('the cluster info', () => {
  const info = (data: Readonly<Record<string, string>>) =>
    ({ metadata: { name: 'cluster-info', namespace: 'kube-public' }, data }) as unknown as Stored<ConfigMap>
  const sign = (content: string, id: string, secret: string) => `${content} by ${id} ${secret}`
  const reconcile = (data: Readonly<Record<string, string>>, ...secrets: readonly Stored<Secret>[]) =>
    reconcileClusterInfo({ configMap: info(data), secrets, nowMs, sign })

  it('is signed by every token that may sign and has not expired', () => {
    const secrets = [
      token('aaaaaa'),
      token('bbbbbb', { 'usage-bootstrap-signing': 'false' }),
      token('cccccc', { expiration: '2025-01-01T00:00:00Z' }),
    ]
    expect(reconcile({ kubeconfig: 'k', 'jws-kubeconfig-dddddd': 'old', other: 'o' }, ...secrets)).toMatchObject([
      { type: 'update', object: { data: { kubeconfig: 'k', other: 'o', 'jws-kubeconfig-aaaaaa': 'k by aaaaaa s' } } },
    ])
  })

  it('is left alone when it is signed, and without a kubeconfig', () => {
    expect(reconcile({ kubeconfig: 'k', 'jws-kubeconfig-aaaaaa': 'k by aaaaaa s' }, token('aaaaaa'))).toEqual([])
    expect(reconcile({}, token('aaaaaa'))).toEqual([])
  })

  it('is looked at again when a token ends', () => {
    const ending = token('aaaaaa', { expiration: '2026-01-01T00:01:00Z' })
    expect(reconcile({ kubeconfig: 'k', 'jws-kubeconfig-aaaaaa': 'k by aaaaaa s' }, ending)).toEqual([
      { type: 'requeue', afterMs: 60_000 },
    ])
  })
})
