import { describe, expect, it } from 'vitest'
import { parseFileMode } from './file-mode.ts'

describe('COPY --chmod', () => {
  it.each<readonly [text: string, before: number, after: number, isDirectory: boolean]>([
    ['0755', 0o600, 0o755, false],
    ['4755', 0o600, 0o4755, false],
    ['u+x', 0o644, 0o744, false],
    ['+x', 0o644, 0o755, false],
    ['go-w', 0o666, 0o644, false],
    ['u=rw,go=r', 0o777, 0o644, false],
    ['a=rX', 0o600, 0o444, false],
    ['a=rX', 0o700, 0o555, false],
    ['a=rX', 0o600, 0o555, true],
    ['g=u', 0o740, 0o770, false],
    ['u+s,g+s,+t', 0o755, 0o7755, false],
    ['u=rwx', 0o4755, 0o755, false],
    ['u+r-w', 0o200, 0o400, false],
  ])('%s makes %i into %i', (text, before, after, isDirectory) => {
    const mode = parseFileMode(text)
    expect(mode.ok && mode.value(before, isDirectory)).toBe(after)
  })

  it.each([['99'], ['10000'], ['u'], ['u+z'], ['z=r'], ['']])('%j is refused', (text) =>
    expect(parseFileMode(text).ok).toBe(false),
  )
})
