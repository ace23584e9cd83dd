export type DumpedPacket =
  | Readonly<{ type: 'packet'; bytes: Uint8Array }>
  | Readonly<{ type: 'connected' }>
  | Readonly<{ type: 'ended' }>
  | Readonly<{ type: 'failure'; text: string }>

/**
 * What came in, by socat's dump (-x) on its standard error: for each block a line
 * '< 2026/01/31 12:00:00.000000  length=6 from=0 to=5' ('>' for the other direction), then its bytes in hex, perhaps in several lines.
 * Other lines are socat's messages (-d -d).
 */
export async function* packetsOfDump(stderr: AsyncIterable<Uint8Array>): AsyncIterable<DumpedPacket> {
  let block: { incoming: boolean; digits: number; hex: string[]; read: number } | undefined
  for await (const line of linesOf(stderr)) {
    const header = /^([<>]) \d{4}\/.* length=(\d+) /.exec(line)
    if (header !== null) block = { incoming: header[1] === '<', digits: 2 * Number(header[2]), hex: [], read: 0 }
    else if (block !== undefined) {
      const hex = line.replaceAll(' ', '')
      block.hex.push(hex)
      block.read += hex.length
      if (block.read < block.digits) continue
      if (block.incoming) yield { type: 'packet', bytes: new Uint8Array(Buffer.from(block.hex.join(''), 'hex')) }
      block = undefined
    } else if (line.includes(' N starting data transfer loop')) yield { type: 'connected' }
    else if (/ N socket 2 .* is at EOF/.test(line)) yield { type: 'ended' }
    else if (/ [EF] /.test(line)) yield { type: 'failure', text: line.replace(/^.* [EF] /, '') }
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
