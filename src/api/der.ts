/** One element of DER, as certificates are written: its tag and its content. */
export type DerElement = Readonly<{ tag: number; content: Uint8Array; end: number }>

/** The element that begins at `start`; undefined where the bytes hold none. */
export function derElement(bytes: Uint8Array, start = 0): DerElement | undefined {
  const [tag, first] = [bytes[start], bytes[start + 1]]
  if (tag === undefined || first === undefined) return undefined
  let at = start + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4) return undefined
    length = 0
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] ?? 0)
  }
  const end = at + length
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(at, end), end }
}

/** The elements within a SEQUENCE or SET, one after another. */
export function derChildren(content: Uint8Array): readonly DerElement[] {
  const found: DerElement[] = []
  for (let at = 0; at < content.length; ) {
    const element = derElement(content, at)
    if (element === undefined) return found
    found.push(element)
    at = element.end
  }
  return found
}

/** '2.5.4.3'. */
export function derObjectId(content: Uint8Array): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(value)
      value = 0
    }
  }
  const [head = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(head / 40))
  return [top, head - top * 40, ...rest].join('.')
}
