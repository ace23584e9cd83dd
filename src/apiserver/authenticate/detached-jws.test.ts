import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { linuxKeys } from '../../host/linux/keys.ts'
import { hmacSha256, signDetached } from './detached-jws.ts'

it('is the HMAC that everybody else computes', () => {
  for (const key of ['k', 'x'.repeat(64), 'y'.repeat(200)]) {
    const expected = new Uint8Array(createHmac('sha256', key).update('text').digest())
    expect(hmacSha256(linuxKeys(), new TextEncoder().encode(key), new TextEncoder().encode('text'))).toEqual(expected)
  }
})

it('signs as kubeadm checks it', () => {
  // cluster-bootstrap's own example.
  expect(
    signDetached(
      linuxKeys(),
      'Hello from the other side. I must have called a thousand times.',
      'joshua',
      'my voice is my passcode',
    ),
  ).toBe('eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8')
})
