import type { HttpBody } from '../ports/http.ts'
import type { TransferProgress } from '../runtime/images/transfer-progress.ts'

type Line = TransferProgress | Readonly<{ done: object }> | Readonly<{ error: string }>
type Layer = Readonly<{ totalBytes: number; soFarBytes: number; isDone: boolean }>

/** Where a terminal watches, it sees how far things are; elsewhere nothing is printed before the end. */
export async function followTransfer(verb: string, reference: string, answer: HttpBody): Promise<object> {
  const layers = new Map<string, Layer>()
  const { isTTY } = process.stderr
  for await (const text of linesOf(answer.chunks())) {
    const line = JSON.parse(text) as Line
    if ('error' in line) throw new Error(line.error)
    if ('done' in line) {
      if (isTTY) process.stderr.write('\r\x1b[K')
      return line.done
    }
    note(layers, line)
    if (isTTY) process.stderr.write(`\r\x1b[K${verb} ${reference}: ${summary(layers)}`)
  }
  throw new Error('the cluster process broke off its answer; `coracle logs` may tell why')
}

function note(layers: Map<string, Layer>, progress: TransferProgress): void {
  const { digest } = progress
  const known = layers.get(digest) ?? { totalBytes: 0, soFarBytes: 0, isDone: false }
  switch (progress.type) {
    case 'layer':
      layers.set(digest, { ...known, totalBytes: progress.totalBytes })
      return
    case 'bytes':
      layers.set(digest, { ...known, soFarBytes: progress.soFarBytes })
      return
    case 'unpacking':
      return
    case 'present':
    case 'done':
      layers.set(digest, { ...known, soFarBytes: known.totalBytes, isDone: true })
  }
}

/** '3 of 7 layers, 12.3 of 45.6 MB'. */
export function summary(layers: ReadonlyMap<string, Layer>): string {
  const all = [...layers.values()]
  const sum = (of: (layer: Layer) => number): string =>
    (all.reduce((total, one) => total + of(one), 0) / 1e6).toFixed(1)
  const done = all.filter(({ isDone }) => isDone).length
  return `${done} of ${all.length} layers, ${sum((layer) => layer.soFarBytes)} of ${sum((layer) => layer.totalBytes)} MB`
}

export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const chunk of chunks) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split('\n')
    held = lines.pop() ?? ''
    yield* lines
  }
  if (held !== '') yield held
}
