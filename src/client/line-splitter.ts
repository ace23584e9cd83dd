/** Cuts a byte stream into lines of text. What follows the last newline waits for more. */
export function lineSplitter(): (chunk: Uint8Array) => readonly string[] {
  // A streaming decoder keeps a character that a chunk boundary has cut in two.
  const decoder = new TextDecoder()
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    return lines
  }
}
