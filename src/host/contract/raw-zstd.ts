/** One frame of uncompressed blocks (RFC 8878, section 3.1.1), of up to 128 KiB each. */
export function rawZstd(content: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38)]
  for (let at = 0; at < content.length; at += 131_072) {
    const block = content.subarray(at, at + 131_072)
    const head = (block.length << 3) | (at + block.length === content.length ? 1 : 0)
    parts.push(Uint8Array.of(head & 0xff, (head >> 8) & 0xff, head >> 16), block)
  }
  return new Uint8Array(Buffer.concat(parts))
}
