import { parseIp } from '../validation/ip.ts'
import type { Certificate } from './certificate.ts'
import { der, derBitString, derInteger, derObjectId, derTag, derText, derTime } from './der.ts'

/** Certificates and requests in DER: everything but the signature, which takes a key. */

export type Names = Readonly<{
  dnsNames: readonly string[]
  ipAddresses: readonly string[]
  emailAddresses: readonly string[]
  uris: readonly string[]
}>

/** A certificate for somebody else's key. */
export type CertificateTemplate = Names &
  Readonly<{
    /** The name in DER, as the request has it. */
    subject: Uint8Array
    /** SubjectPublicKeyInfo in DER. */
    publicKey: Uint8Array
    notBeforeMs: number
    notAfterMs: number
    /** Key usages by their bit (RFC 5280: digitalSignature is 0). */
    keyUsages: readonly number[]
    /** Object ids of extended key usages. */
    extendedKeyUsages: readonly string[]
  }>

export const ecdsaWithSha256 = '1.2.840.10045.4.3.2'

/** O and CN, in this order. */
export function derSubject(commonName: string, organizations: readonly string[]): Uint8Array {
  const part = (id: string, value: string): Uint8Array =>
    der(derTag.set, der(derTag.sequence, derObjectId(id), derText(value)))
  return der(
    derTag.sequence,
    ...organizations.map((organization) => part('2.5.4.10', organization)),
    ...(commonName === '' ? [] : [part('2.5.4.3', commonName)]),
  )
}

/** What is signed of a certificate. */
export function certificateBody(
  template: CertificateTemplate,
  issuer: Certificate,
  serialNumber: Uint8Array,
  algorithm: string,
): Uint8Array {
  return der(
    derTag.sequence,
    der(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(serialNumber),
    der(derTag.sequence, derObjectId(algorithm)),
    issuer.subject.der,
    der(derTag.sequence, derTime(template.notBeforeMs), derTime(template.notAfterMs)),
    template.subject,
    template.publicKey,
    der(0xa3, der(derTag.sequence, ...extensionsOf(template, issuer))),
  )
}

function extension(id: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const critical = isCritical ? [der(derTag.boolean, Uint8Array.of(0xff))] : []
  return der(derTag.sequence, derObjectId(id), ...critical, der(derTag.octetString, value))
}

/** As Go's x509 writes them, and in its order. */
function extensionsOf(template: CertificateTemplate, issuer: Certificate): readonly Uint8Array[] {
  const { keyUsages, extendedKeyUsages } = template
  const names = alternativeNames(template)
  return [
    ...(keyUsages.length === 0 ? [] : [extension('2.5.29.15', true, bitsOf(keyUsages))]),
    ...(extendedKeyUsages.length === 0
      ? []
      : [extension('2.5.29.37', false, der(derTag.sequence, ...extendedKeyUsages.map(derObjectId)))]),
    extension('2.5.29.19', true, der(derTag.sequence)),
    ...(issuer.keyId === undefined
      ? []
      : [extension('2.5.29.35', false, der(derTag.sequence, der(0x80, issuer.keyId)))]),
    ...(names === undefined ? [] : [extension(alternativeNamesId, isNameless(template), names)]),
  ]
}

const alternativeNamesId = '2.5.29.17'

/** Where the subject says nothing, the alternative names must be understood. */
function isNameless({ subject }: CertificateTemplate): boolean {
  return subject.length === 2
}

function bitsOf(bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits)
  const bytes = new Uint8Array(Math.floor(last / 8) + 1)
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return derBitString(bytes, 7 - (last & 7))
}

const encoder = new TextEncoder()

function alternativeNames({ dnsNames, emailAddresses, ipAddresses, uris }: Names): Uint8Array | undefined {
  const names = [
    ...dnsNames.map((name) => der(0x82, encoder.encode(name))),
    ...emailAddresses.map((address) => der(0x81, encoder.encode(address))),
    ...ipAddresses.map((address) => der(0x87, Uint8Array.from(parseIp(address)?.bytes ?? []))),
    ...uris.map((uri) => der(0x86, encoder.encode(uri))),
  ]
  return names.length === 0 ? undefined : der(derTag.sequence, ...names)
}

/** What is signed of a PKCS#10 request. */
export function requestBody(subject: Uint8Array, publicKey: Uint8Array, names: Names): Uint8Array {
  const alternatives = alternativeNames(names)
  const extensions =
    alternatives === undefined
      ? []
      : [
          der(
            derTag.sequence,
            derObjectId('1.2.840.113549.1.9.14'),
            der(derTag.set, der(derTag.sequence, extension(alternativeNamesId, false, alternatives))),
          ),
        ]
  return der(derTag.sequence, derInteger(Uint8Array.of(0)), subject, publicKey, der(0xa0, ...extensions))
}

/** A body with its signature: the whole certificate or request. */
export function signedDer(body: Uint8Array, algorithm: string, signature: Uint8Array): Uint8Array {
  return der(derTag.sequence, body, der(derTag.sequence, derObjectId(algorithm)), derBitString(signature))
}
