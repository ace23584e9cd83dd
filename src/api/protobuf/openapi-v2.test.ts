import { expect, it } from 'vitest'
import { decodeBase64 } from '../base64.ts'
import { allKinds } from '../kinds.ts'
import { openApiDocuments } from '../openapi/documents.ts'
import { encodeOpenApiV2 } from './openapi-v2.ts'
// A document with all that OpenAPI v2 has room for, and what gnostic (which kube-apiserver and client-go use) makes of it.
import recorded from './openapi-v2-case.json' with { type: 'json' }

it('writes OpenAPI v2 byte for byte as gnostic', () => {
  expect(encodeOpenApiV2(recorded.document)).toEqual(decodeBase64(recorded.base64))
})

it('has every definition of the document that is served', () => {
  const document = JSON.parse(openApiDocuments(allKinds).v2().text) as { definitions: Readonly<Record<string, object>> }
  const text = new TextDecoder('latin1').decode(encodeOpenApiV2(document))
  for (const name of Object.keys(document.definitions)) {
    expect(text).toContain(`\n${String.fromCharCode(name.length)}${name}\x12`)
  }
})
