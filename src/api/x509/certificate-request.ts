import { fail, ok, type Result } from '../result.ts'
import { formatIp } from '../validation/ip.ts'
import { DerError, type DerValue, derTag, expectTag, objectIdText, readHeader, readValue, readValues } from './der.ts'
import { pemBlocks } from './pem.ts'

export type Subject = Readonly<{
  /** The whole name in DER. */
  der: Uint8Array
  commonName: string
  organizations: readonly string[]
  /** Kubernetes' own attribute: the uid of the user. */
  userUids: readonly string[]
}>

/** A PKCS#10 certificate request, taken apart. */
export type CertificateRequest = Readonly<{
  subject: Subject
  /** SubjectPublicKeyInfo in DER. */
  publicKey: Uint8Array
  dnsNames: readonly string[]
  ipAddresses: readonly string[]
  emailAddresses: readonly string[]
  uris: readonly string[]
  /** What is signed, by which algorithm (its object id), and the signature. */
  signed: Uint8Array
  signatureAlgorithm: string
  signature: Uint8Array
}>

/** From a PEM text; errors are Go's, as far as they can be told. The signature is not checked. */
export function parseCertificateRequest(pem: string): Result<CertificateRequest, string> {
  const [block] = pemBlocks(pem)
  if (block?.label !== 'CERTIFICATE REQUEST') return fail('PEM block type must be CERTIFICATE REQUEST')
  try {
    return ok(readRequest(block.bytes))
  } catch (error) {
    if (error instanceof DerError) return fail(error.message)
    throw error
  }
}

function readRequest(bytes: Uint8Array): CertificateRequest {
  if (readHeader(bytes).tag !== derTag.sequence) throw new DerError(notARequest(bytes))
  const whole = readValue(bytes)
  if (whole.whole.length < bytes.length) throw new DerError('asn1: syntax error: trailing data')
  const [info, algorithm, signature] = readValues(whole.content)
  const signed = expectTag(info, derTag.sequence)
  const [, name, publicKey, attributes] = readValues(signed.content)
  const bits = expectTag(signature, derTag.bitString)
  return {
    subject: readSubject(expectTag(name, derTag.sequence)),
    publicKey: expectTag(publicKey, derTag.sequence).whole,
    ...alternativeNames(attributes === undefined ? [] : readValues(attributes.content)),
    signed: signed.whole,
    signatureAlgorithm: algorithmOf(expectTag(algorithm, derTag.sequence)),
    signature: bits.content.subarray(1),
  }
}

const goParameters =
  'optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false ' +
  'omitEmpty:false'

/** As Go's encoding/asn1 says that the outermost value is no sequence. */
function notARequest(bytes: Uint8Array): string {
  const { tag, length } = readHeader(bytes)
  const header = `class:${tag >> 6} tag:${tag & 0x1f} length:${length} isCompound:${(tag & 0x20) !== 0}`
  return `asn1: structure error: tags don't match (16 vs {${header}}) {${goParameters}} certificateRequest @2`
}

function algorithmOf({ content }: DerValue): string {
  return objectIdText(expectTag(readValues(content)[0], derTag.objectId))
}

const decoder = new TextDecoder()
const commonNameId = '2.5.4.3'
const organizationId = '2.5.4.10'
const userUidId = '1.3.6.1.4.1.57683.2'

export function readSubject(name: DerValue): Subject {
  const parts = readValues(name.content).flatMap((set) =>
    readValues(set.content).map((pair) => {
      const [id, value] = readValues(pair.content)
      return [objectIdText(expectTag(id, derTag.objectId)), decoder.decode(value?.content)] as const
    }),
  )
  const named = (id: string): readonly string[] => parts.filter(([one]) => one === id).map(([, value]) => value)
  return {
    der: name.whole,
    commonName: named(commonNameId).at(-1) ?? '',
    organizations: named(organizationId),
    userUids: named(userUidId),
  }
}

const extensionRequestId = '1.2.840.113549.1.9.14'
const alternativeNamesId = '2.5.29.17'

type AlternativeNames = Pick<CertificateRequest, 'dnsNames' | 'ipAddresses' | 'emailAddresses' | 'uris'>

/** Context tags of GeneralName. */
const generalName = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const

function alternativeNames(attributes: readonly DerValue[]): AlternativeNames {
  const names = attributes.flatMap(requestedExtensions).flatMap((extension) => {
    const [id, ...rest] = readValues(extension.content)
    const value = rest.at(-1)
    if (value === undefined || objectIdText(expectTag(id, derTag.objectId)) !== alternativeNamesId) return []
    return readValues(expectTag(readValue(value.content), derTag.sequence).content)
  })
  const tagged = (tag: number): readonly Uint8Array[] =>
    names.filter((name) => name.tag === tag).map(({ content }) => content)
  const texts = (tag: number): readonly string[] => tagged(tag).map((content) => decoder.decode(content))
  return {
    dnsNames: texts(generalName.dns),
    ipAddresses: tagged(generalName.ip).map((bytes) => formatIp([...bytes])),
    emailAddresses: texts(generalName.email),
    uris: texts(generalName.uri),
  }
}

function requestedExtensions(attribute: DerValue): readonly DerValue[] {
  const [id, set] = readValues(attribute.content)
  if (set === undefined || objectIdText(expectTag(id, derTag.objectId)) !== extensionRequestId) return []
  return readValues(expectTag(readValue(set.content), derTag.sequence).content)
}
