import { describe, expect, it } from 'vitest'
import type { Secret, ServiceAccount } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { type ObservedLegacyToken, reconcileLegacyToken } from './legacy-token-cleaner.ts'

const nowMs = Date.UTC(2026, 5, 15)
const serviceAccount = {
  metadata: { name: 'a', uid: 'u' },
  secrets: [{ name: 't' }],
} as unknown as Stored<ServiceAccount>

function secret(labels: Readonly<Record<string, string>> = {}, creationTimestamp = '2020-01-01T00:00:00Z') {
  const metadata = { name: 't', namespace: 'n', uid: 'x', resourceVersion: '7', creationTimestamp, labels }
  return { metadata, type: 'kubernetes.io/service-account-token' } as unknown as Stored<Secret>
}

const lastUsed = (date: string) => ({ 'kubernetes.io/legacy-token-last-used': date })
const invalidSince = (date: string) => ({ 'kubernetes.io/legacy-token-invalid-since': date })
const begin: ObservedLegacyToken = {
  secret: secret(),
  serviceAccount,
  isUsed: false,
  trackedSince: '2024-01-01',
  nowMs,
}

describe('a token made along with its service account', () => {
  it.each<readonly [string, Partial<ObservedLegacyToken>]>([
    ['is used by a pod', { isUsed: true }],
    ['was used within a year', { secret: secret(lastUsed('2025-06-16')) }],
    ['is younger than a year', { secret: secret({}, '2026-01-01T00:00:00Z') }],
    ['may have been used before uses were noted', { trackedSince: '2025-06-15' }],
    ['is told to be used on no date', { secret: secret(lastUsed('sometime')) }],
    ['was made by hand', { serviceAccount: { ...serviceAccount, secrets: [] } }],
    ['was marked less than a year ago', { secret: secret(invalidSince('2025-07-01')) }],
  ])('stays where it %s', (_, more) => {
    expect(reconcileLegacyToken({ ...begin, ...more })).toEqual([{ type: 'requeue', afterMs: 86_400_000 }])
  })

  it('is marked when nobody has used it for a year', () => {
    expect(reconcileLegacyToken({ ...begin, secret: secret(lastUsed('2025-06-14')) })).toMatchObject([
      { type: 'patch', patch: { type: 'merge', body: { metadata: { uid: 'x', labels: invalidSince('2026-06-15') } } } },
      { type: 'requeue' },
    ])
  })

  it('goes a year after it was marked', () => {
    expect(reconcileLegacyToken({ ...begin, secret: secret(invalidSince('2025-06-14')) })).toMatchObject([
      { type: 'delete', target: { name: 't' }, options: { preconditions: { resourceVersion: '7' } } },
    ])
  })
})
