const newline = 0x0a
/** CRI cuts lines at 16 KiB; what is longer than this is no log line, and is dropped. */
const longestLineBytes = 1 << 20

/** Cuts a stream of bytes into lines, without their ends. What follows the last end waits for more. */
export function lineBuffer(): Readonly<{ push(chunk: Uint8Array): readonly Uint8Array[] }> {
  let rest = new Uint8Array()
  return {
    push(chunk) {
      const bytes = new Uint8Array(rest.length + chunk.length)
      bytes.set(rest)
      bytes.set(chunk, rest.length)
      const lines: Uint8Array[] = []
      let from = 0
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
        lines.push(bytes.subarray(from, end))
        from = end + 1
      }
      rest = bytes.length - from > longestLineBytes ? new Uint8Array() : bytes.slice(from)
      return lines
    },
  }
}
