export type DumpedPacket = Readonly<{ type: 'packet'; bytes: Uint8Array }> | Readonly<{ type: 'message'; text: string }>

/**
 * What came in, by socat's dump (-x) on its standard error: for each block a line
 * '< 2026/01/31 12:00:00.000000  length=6 from=0 to=5' ('>' for the other direction), then lines of hex, then '--'.
 * Other lines are socat's messages.
 */
export async function* packetsOfDump(stderr: AsyncIterable<Uint8Array>): AsyncIterable<DumpedPacket> {
  let direction = ''
  let hex = ''
  for await (const line of linesOf(stderr)) {
    if (/^[<>] \d{4}\/.* length=\d+ /.test(line)) {
      direction = line.charAt(0)
      hex = ''
    } else if (line === '--') {
      if (direction === '<') yield { type: 'packet', bytes: new Uint8Array(Buffer.from(hex, 'hex')) }
      direction = ''
    } else if (direction !== '') {
      if (direction === '<') hex += line.replaceAll(' ', '')
    } else if (/ [EF] /.test(line)) yield { type: 'message', text: line.replace(/^.* [EF] /, '') }
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
