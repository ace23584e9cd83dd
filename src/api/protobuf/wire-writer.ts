/**
 * Protobuf's wire format, written from the end to the beginning: so the length of a message is known when it has to be written, without
 * measuring first.
 */
export type Writer = {
  bytes: Uint8Array
  /** What has been written stands from here to the end. */
  at: number
}

const firstSizeBytes = 16 * 1024
const keptSizeBytes = 1024 * 1024
let kept = new Uint8Array(firstSizeBytes)

/**
 * What `write` writes. Small messages are written on a buffer that all share, and copied out; `write` must not call this again. For
 * big ones `sizeBytes` tells what will be needed at most.
 */
export function written(write: (writer: Writer) => void, sizeBytes = 0): Uint8Array {
  const isShared = sizeBytes <= kept.length
  const writer = isShared ? { bytes: kept, at: kept.length } : { bytes: new Uint8Array(sizeBytes), at: sizeBytes }
  write(writer)
  if (!isShared) return writer.bytes.subarray(writer.at)
  if (writer.bytes.length > kept.length && writer.bytes.length <= keptSizeBytes) kept = writer.bytes
  return writer.bytes.slice(writer.at)
}

function grow(writer: Writer, sizeBytes: number): void {
  const used = writer.bytes.length - writer.at
  const bytes = new Uint8Array(Math.max(2 * writer.bytes.length, used + sizeBytes))
  bytes.set(writer.bytes.subarray(writer.at), bytes.length - used)
  writer.at = bytes.length - used
  writer.bytes = bytes
}

/** A whole number from 0 to 2^53. */
export function writeVarint(writer: Writer, value: number): void {
  if (writer.at < 10) grow(writer, 10)
  const { bytes } = writer
  if (value < 0x80) {
    writer.at -= 1
    bytes[writer.at] = value
    return
  }
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1
  writer.at -= size
  let at = writer.at
  let rest = value
  for (; rest >= 0x80; at += 1) {
    bytes[at] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  bytes[at] = rest
}

/** int32 or int64: negative numbers as two's complement in 64 bits. */
export function writeInteger(writer: Writer, value: number): void {
  if (value >= 0) {
    writeVarint(writer, value)
    return
  }
  if (writer.at < 10) grow(writer, 10)
  writer.at -= 10
  let rest = BigInt.asUintN(64, BigInt(value))
  for (let at = 0; at < 9; at += 1) {
    writer.bytes[writer.at + at] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  writer.bytes[writer.at + 9] = Number(rest)
}

export function writeDouble(writer: Writer, value: number): void {
  if (writer.at < 8) grow(writer, 8)
  writer.at -= 8
  new DataView(writer.bytes.buffer, writer.bytes.byteOffset).setFloat64(writer.at, value, true)
}

export function writeBytes(writer: Writer, bytes: Uint8Array): void {
  if (writer.at < bytes.length) grow(writer, bytes.length)
  writer.at -= bytes.length
  writer.bytes.set(bytes, writer.at)
}

const encoder = new TextEncoder()
/** Up to here the loop below is faster than a call of the encoder. */
const shortText = 96

/** UTF-8, without its length. */
export function writeText(writer: Writer, text: string): void {
  const { length } = text
  if (writer.at < length) grow(writer, length)
  if (length > shortText) {
    writeLongText(writer, text)
    return
  }
  const { bytes } = writer
  const start = writer.at - length
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) {
      writeBytes(writer, encoder.encode(text))
      return
    }
    bytes[start + index] = code
  }
  writer.at = start
}

/** Taken for ASCII first: then it needs as many bytes as it has characters. */
function writeLongText(writer: Writer, text: string): void {
  const start = writer.at - text.length
  const { read } = encoder.encodeInto(text, writer.bytes.subarray(start, writer.at))
  if (read === text.length) writer.at = start
  else writeBytes(writer, encoder.encode(text))
}

/** How many bytes have been written. */
export function sizeOf(writer: Writer): number {
  return writer.bytes.length - writer.at
}

/** Tag and length before what has been written since there were `sizeBefore` bytes. */
export function writeHead(writer: Writer, tag: number, sizeBefore: number): void {
  writeVarint(writer, sizeOf(writer) - sizeBefore)
  writeVarint(writer, tag)
}
