const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A UUID (version 4) of 16 random bytes. */
export function uidOf(bytes: Uint8Array): string {
  let uid = ''
  for (let at = 0; at < bytes.length; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) uid += '-'
    const byte = bytes[at] ?? 0
    uid += hex[at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte]
  }
  return uid
}
