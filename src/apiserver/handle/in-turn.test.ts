import { describe, expect, it } from 'vitest'
import { inTurn } from './in-turn.ts'

describe('things done in turn', () => {
  it('are done at once while nothing is waited for', () => {
    const done: number[] = []
    const turn = inTurn()
    turn(1, (value) => done.push(value))
    turn(2, (value) => done.push(value))
    expect(done).toEqual([1, 2])
  })

  it('wait for what came before them', async () => {
    const done: number[] = []
    const turn = inTurn()
    let release: (value: number) => void = () => {}
    turn(
      new Promise<number>((resolve) => {
        release = resolve
      }),
      (value) => done.push(value),
    )
    turn(2, (value) => done.push(value))
    expect(done).toEqual([])
    release(1)
    await new Promise<void>((resolve) => turn(3, () => resolve()))
    expect(done).toEqual([1, 2])
    turn(4, (value) => done.push(value))
    await Promise.resolve()
    expect(done).toEqual([1, 2, 4])
  })
})
