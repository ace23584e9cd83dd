import { decodeBase64 } from './base64.ts'
import { type DerElement, derChildren, derElement, derObjectId } from './der.ts'

/** One part of an X.509 name: '2.5.4.3' is the common name. */
export type NameAttribute = Readonly<{ id: string; value: string }>

export const commonNameId = '2.5.4.3'
/** Kubernetes: the uid of the user that a client certificate is for. */
export const userUidId = '1.3.6.1.4.1.57683.2'

const sequence = 0x30
const integer = 0x02
const explicitVersion = 0xa0
const decoder = new TextDecoder()

/** The subject of a certificate, from its DER; undefined where it is none. */
export function subjectOfCertificate(der: Uint8Array): readonly NameAttribute[] | undefined {
  const fields = insideOf(insideOf(derElement(der))?.[0])
  if (fields === undefined) return undefined
  // version (where it is said), serial number, signature algorithm, issuer, validity, subject.
  const first = fields[0]?.tag === explicitVersion ? 1 : 0
  return nameOf(fields[first + 4])
}

/** The subject of a certificate signing request, from its PEM; undefined where it is none. */
export function subjectOfRequest(pem: string): readonly NameAttribute[] | undefined {
  const body = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(pem)?.[1]
  const der = body === undefined ? undefined : decodeBase64(body.replace(/\s/g, ''))
  const fields = der === undefined ? undefined : insideOf(insideOf(derElement(der))?.[0])
  return fields?.[0]?.tag === integer ? nameOf(fields[1]) : undefined
}

function insideOf(element: DerElement | undefined): readonly DerElement[] | undefined {
  return element?.tag === sequence ? derChildren(element.content) : undefined
}

function nameOf(element: DerElement | undefined): readonly NameAttribute[] | undefined {
  return insideOf(element)?.flatMap((set) =>
    derChildren(set.content).flatMap((pair) => {
      const [id, value] = derChildren(pair.content)
      return id === undefined || value === undefined
        ? []
        : [{ id: derObjectId(id.content), value: decoder.decode(value.content) }]
    }),
  )
}
