const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digits = new Map([...alphabet].map((character, value) => [character.charCodeAt(0), value]))

/** The bytes of standard base64; padding and line breaks are skipped. */
export function decodeBase64(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let length = 0
  let word = 0
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    const digit = digits.get(text.charCodeAt(at))
    if (digit === undefined) continue
    word = ((word << 6) | digit) & 0xffffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    out[length++] = (word >> bits) & 0xff
  }
  return out.subarray(0, length)
}
