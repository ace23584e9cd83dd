const polynomial = 0xedb88320

/** Eight tables, so that eight bytes are taken a step: about five times as fast as one. */
const tables = makeTables()

function makeTables(): Uint32Array {
  const made = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    made[byte] = crc >>> 0
  }
  for (let table = 1; table < 8; table++) {
    for (let byte = 0; byte < 256; byte++) {
      const below = made[(table - 1) * 256 + byte] as number
      made[table * 256 + byte] = ((made[below & 0xff] as number) ^ (below >>> 8)) >>> 0
    }
  }
  return made
}

/** CRC-32 (IEEE 802.3, as in gzip) of bytes[start, end). `seed`: the CRC of what came before, to go on from. */
export function crc32(bytes: Uint8Array, seed = 0, start = 0, end = bytes.length): number {
  const t = tables
  let crc = ~seed
  let at = start
  const at8 = (offset: number): number => bytes[offset] as number
  for (const last = end - 7; at < last; at += 8) {
    const low = crc ^ (at8(at) | (at8(at + 1) << 8) | (at8(at + 2) << 16) | (at8(at + 3) << 24))
    crc =
      (t[1792 + (low & 0xff)] as number) ^
      (t[1536 + ((low >>> 8) & 0xff)] as number) ^
      (t[1280 + ((low >>> 16) & 0xff)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + at8(at + 4)] as number) ^
      (t[512 + at8(at + 5)] as number) ^
      (t[256 + at8(at + 6)] as number) ^
      (t[at8(at + 7)] as number)
  }
  for (; at < end; at++) crc = (t[(crc ^ at8(at)) & 0xff] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}
