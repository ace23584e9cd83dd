export type TerminalSize = Readonly<{ columns: number; rows: number }>

/** Sizes as they come: only the newest is of interest to a reader that is behind. */
export function terminalSizes(): Readonly<{
  sizes: AsyncIterable<TerminalSize>
  set(size: TerminalSize): void
  end(): void
}> {
  let next: TerminalSize | undefined
  let ended = false
  let wake: () => void = () => {}
  return {
    sizes: read(),
    set(size) {
      next = size
      wake()
    },
    end() {
      ended = true
      wake()
    },
  }

  async function* read(): AsyncGenerator<TerminalSize> {
    for (;;) {
      if (next !== undefined) {
        const size = next
        next = undefined
        yield size
      } else if (ended) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

/** {"Width":80,"Height":24}; undefined for anything else. */
export function parseTerminalSize(text: string): TerminalSize | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    return typeof columns === 'number' && typeof rows === 'number' ? { columns, rows } : undefined
  } catch {
    return undefined
  }
}
