import { decodeBase64, encodeBase64 } from '../base64.ts'

export type PemBlock = Readonly<{ label: string; hasHeaders: boolean; bytes: Uint8Array }>

const block = /-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g
const base64Text = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

/** The blocks of a PEM text in their order; what is between them, or is no block after all, is passed over, as Go's pem.Decode does. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].flatMap(([, label = '', content = '']) => {
    const { hasHeaders, body } = splitHeaders(content)
    return base64Text.test(body) ? [{ label, hasHeaders, bytes: decodeBase64(body) }] : []
  })
}

/** RFC 1421: lines of 'Key: value' may stand before the content. */
function splitHeaders(content: string): Readonly<{ hasHeaders: boolean; body: string }> {
  const lines = content.split(/\r?\n/)
  const first = lines.findIndex((line) => !line.includes(':'))
  return first <= 0 ? { hasHeaders: false, body: content } : { hasHeaders: true, body: lines.slice(first).join('\n') }
}

const lineLength = 64

export function pemOf(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`
}
