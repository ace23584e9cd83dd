import { fail, ok, type Result } from '../result.ts'
import { readSubject, type Subject } from './certificate-request.ts'
import { DerError, type DerValue, derTag, expectTag, objectIdText, readValue, readValues, timeMs } from './der.ts'
import { pemBlocks } from './pem.ts'

/** What we read of an X.509 certificate. */
export type Certificate = Readonly<{
  subject: Subject
  notBeforeMs: number
  notAfterMs: number
  /** SubjectPublicKeyInfo in DER. */
  publicKey: Uint8Array
  /** The subject key identifier, where there is one. */
  keyId?: Uint8Array
}>

/** All certificates of a PEM text; nothing else may be in it. Errors as the API's original words them. */
export function parseCertificates(pem: string): Result<readonly Certificate[], string> {
  const certificates: Certificate[] = []
  for (const { label, hasHeaders, bytes } of pemBlocks(pem)) {
    if (label !== 'CERTIFICATE') return fail(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(label)}`)
    if (hasHeaders) return fail('no PEM block headers are permitted')
    const read = readAll(bytes)
    if (!read.ok) return read
    if (read.value.length === 0) return fail('found CERTIFICATE PEM block containing 0 certificates')
    certificates.push(...read.value)
  }
  return certificates.length === 0 ? fail('must contain at least one CERTIFICATE PEM block') : ok(certificates)
}

function readAll(bytes: Uint8Array): Result<readonly Certificate[], string> {
  try {
    return ok(readValues(bytes).map(readCertificate))
  } catch (error) {
    if (error instanceof DerError) return fail('x509: malformed certificate')
    throw error
  }
}

const keyIdentifierId = '2.5.29.14'
const versionTag = 0xa0
const extensionsTag = 0xa3

function readCertificate(value: DerValue): Certificate {
  const [body] = readValues(expectTag(value, derTag.sequence).content)
  const all = readValues(expectTag(body, derTag.sequence).content)
  const fields = all[0]?.tag === versionTag ? all.slice(1) : all
  const [, , , validity, subject, publicKey] = fields
  const [notBefore, notAfter] = readValues(expectTag(validity, derTag.sequence).content)
  if (notBefore === undefined || notAfter === undefined) throw new DerError('x509: malformed validity')
  const keyId = keyIdOf(all.find(({ tag }) => tag === extensionsTag))
  return {
    subject: readSubject(expectTag(subject, derTag.sequence)),
    notBeforeMs: timeMs(notBefore),
    notAfterMs: timeMs(notAfter),
    publicKey: expectTag(publicKey, derTag.sequence).whole,
    ...(keyId === undefined ? {} : { keyId }),
  }
}

function keyIdOf(extensions: DerValue | undefined): Uint8Array | undefined {
  if (extensions === undefined) return undefined
  for (const extension of readValues(readValue(extensions.content).content)) {
    const [id, ...rest] = readValues(extension.content)
    const value = rest.at(-1)
    if (value !== undefined && objectIdText(expectTag(id, derTag.objectId)) === keyIdentifierId)
      return readValue(value.content).content
  }
  return undefined
}
