import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../api/base64.ts'
import type { CertificateSigningRequest } from '../../api/kinds.generated.ts'
import { derSubject, requestBody, signedDer } from '../../api/x509/build.ts'
import { der, derTag } from '../../api/x509/der.ts'
import { pemOf } from '../../api/x509/pem.ts'
import { brief, sampleMeta, sampleNowMs, secondsAgo } from '../sample-objects.ts'
import { kubeletClientSigner, reconcileApproval, rightsToTry } from './approval.ts'
import { reconcileCleaning } from './cleaning.ts'
import { parsedRequest, type StoredRequest } from './kubelet-request.ts'
import { certificateFor, isToSign, reconcileSigning } from './signing.ts'

type Names = Readonly<{ commonName?: string; organizations?: readonly string[]; dnsNames?: readonly string[] }>

function requestText({
  commonName = 'system:node:n1',
  organizations = ['system:nodes'],
  dnsNames = [],
}: Names): string {
  const names = { dnsNames, ipAddresses: [], emailAddresses: [], uris: [] }
  const body = requestBody(derSubject(commonName, organizations), der(derTag.sequence), names)
  return encodeBase64(
    new TextEncoder().encode(pemOf('CERTIFICATE REQUEST', signedDer(body, '1.2.3', new Uint8Array()))),
  )
}

function csrOf(
  spec: Partial<CertificateSigningRequest['spec']> = {},
  status: CertificateSigningRequest['status'] = {},
  names: Names = {},
): StoredRequest {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: sampleMeta('csr'),
    spec: {
      request: requestText(names),
      signerName: kubeletClientSigner,
      usages: ['client auth', 'digital signature'],
      username: 'system:node:n1',
      ...spec,
    },
    status,
  }
}

function rightsOf(csr: StoredRequest): readonly string[] {
  const request = parsedRequest(csr)
  if (!request.ok) throw new Error(request.error)
  return rightsToTry(csr, request.value)
}

const approved = { type: 'Approved', status: 'True' }

describe('what may be approved by itself', () => {
  it.each([
    ['a node that renews its own', csrOf(), ['selfnodeclient', 'nodeclient']],
    ['a node that joins', csrOf({ username: 'system:bootstrap:a' }), ['nodeclient']],
    ['another signer', csrOf({ signerName: 'kubernetes.io/kube-apiserver-client' }), []],
    ['other usages', csrOf({ usages: ['server auth', 'digital signature'] }), []],
    ['another name', csrOf({}, {}, { commonName: 'joe' }), []],
    ['another group', csrOf({}, {}, { organizations: ['system:masters'] }), []],
    ['names of hosts', csrOf({}, {}, { dnsNames: ['n1.test'] }), []],
    ['what is approved', csrOf({}, { conditions: [approved] }), []],
    ['what is denied', csrOf({}, { conditions: [{ type: 'Denied', status: 'True' }] }), []],
  ])('%s', (_, csr, rights) => {
    expect(rightsOf(csr)).toEqual(rights)
  })

  it('gets the condition that says why', () => {
    expect(reconcileApproval({ csr: csrOf(), right: 'selfnodeclient' })).toMatchObject([
      {
        type: 'updateApproval',
        object: {
          status: {
            conditions: [
              {
                type: 'Approved',
                reason: 'AutoApproved',
                message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
              },
            ],
          },
        },
      },
    ])
    expect(brief(reconcileApproval({ csr: csrOf() }))).toEqual(['requeue 60000'])
  })
})

const issuerNotAfterMs = Date.UTC(2030, 0, 1)

function signed(csr: StoredRequest): ReturnType<typeof certificateFor> {
  const request = parsedRequest(csr)
  if (!request.ok) throw new Error(request.error)
  return certificateFor({ csr, request: request.value, nowMs: sampleNowMs, issuerNotAfterMs })
}

describe('signing', () => {
  it('is for what is approved, by one of the four signers, once', () => {
    expect(isToSign(csrOf({}, { conditions: [approved] }))).toBe(true)
    expect(isToSign(csrOf())).toBe(false)
    expect(isToSign(csrOf({}, { conditions: [approved, { type: 'Failed', status: 'True' }] }))).toBe(false)
    expect(isToSign(csrOf({}, { conditions: [approved], certificate: 'YQ==' }))).toBe(false)
    expect(isToSign(csrOf({ signerName: 'example.com/s' }, { conditions: [approved] }))).toBe(false)
  })

  it.each([
    [undefined, sampleNowMs + 365 * 86_400_000 - 300_000],
    [600, sampleNowMs + 600_000],
    [1, sampleNowMs + 600_000],
    [86_400, sampleNowMs + 86_400_000 - 300_000],
  ])('for %s seconds ends in time', (expirationSeconds, notAfterMs) => {
    const csr = csrOf(expirationSeconds === undefined ? {} : { expirationSeconds })
    expect(signed(csr)).toMatchObject({
      ok: true,
      value: {
        notBeforeMs: sampleNowMs - 300_000,
        notAfterMs,
        keyUsages: [0],
        extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
      },
    })
  })

  it.each([
    [
      'a client with server usages',
      csrOf({ signerName: 'kubernetes.io/kube-apiserver-client', usages: ['server auth'] }),
      'invalid usage for client certificate: server auth',
    ],
    [
      'a client with no purpose',
      csrOf({ signerName: 'kubernetes.io/kube-apiserver-client', usages: ['digital signature'] }),
      'missing required usage for client certificate: client auth',
    ],
    [
      'a kubelet that serves nowhere',
      csrOf({ signerName: 'kubernetes.io/kubelet-serving' }),
      'DNS or IP subjectAltName is required',
    ],
    [
      'a kubelet with wrong usages',
      csrOf({ usages: ['client auth'] }),
      'usages did not match [client auth digital signature key encipherment]',
    ],
  ])('fails for %s, for good', (_, csr, error) => {
    const certificate = signed(csr)
    expect(certificate).toEqual({ ok: false, error })
    expect(reconcileSigning({ csr, certificate: { ok: false, error } })).toMatchObject([
      { object: { status: { conditions: [{ type: 'Failed', reason: 'SignerValidationFailure', message: error }] } } },
    ])
  })
})

describe('cleaning up', () => {
  const at = (type: string, seconds: number) => ({ type, status: 'True', lastUpdateTime: secondsAgo(seconds) })
  it.each([
    ['pending for a while', csrOf(), 'requeue 85800001'],
    [
      'pending for a day',
      { ...csrOf(), metadata: sampleMeta('csr', { creationTimestamp: secondsAgo(86_401) }) },
      'delete certificatesigningrequests/csr',
    ],
    ['denied', csrOf({}, { conditions: [at('Denied', 60)] }), 'requeue 3540001'],
    ['denied an hour ago', csrOf({}, { conditions: [at('Denied', 3601)] }), 'delete certificatesigningrequests/csr'],
    [
      'failed an hour ago',
      csrOf({}, { conditions: [at('Approved', 3700), at('Failed', 3601)] }),
      'delete certificatesigningrequests/csr',
    ],
    ['approved and waiting', csrOf({}, { conditions: [at('Approved', 3601)] }), 'requeue 82799001'],
    [
      'issued an hour ago',
      csrOf({}, { conditions: [at('Approved', 3601)], certificate: 'YQ==' }),
      'delete certificatesigningrequests/csr',
    ],
    ['of no known condition', csrOf({}, { conditions: [at('Other', 99_999)] }), 'requeue 86400000'],
  ])('%s', (_, csr, action) => {
    expect(brief(reconcileCleaning({ csr: csr as StoredRequest, nowMs: sampleNowMs }))).toEqual([action])
  })
})
