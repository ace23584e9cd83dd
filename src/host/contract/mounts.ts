import { expect, it } from 'vitest'
import type { Mounts } from '../../ports/mounts.ts'

export type MountsUnderTest = Readonly<{
  mounts: Mounts
  run: <T>(promise: Promise<T>) => Promise<T>
  /** A folder of one's own; makes the folders below it that are named. */
  folder: string
  makeFolders(names: readonly string[]): Promise<void>
}>

export function mountsContract(make: () => MountsUnderTest): void {
  it('mounts, lists what is below a folder, and unmounts it', async () => {
    const { mounts, run, folder, makeFolders } = make()
    await run(makeFolders(['lower/one', 'lower/two', 'upper', 'work', 'merged', 'shm']))
    const mounted = await run(
      mounts.mount([
        { type: 'tmpfs', target: `${folder}/shm`, sizeBytes: 1 << 20, mode: 0o1777 },
        {
          type: 'overlay',
          target: `${folder}/merged`,
          lower: ['two', 'one'],
          lowerDirectory: `${folder}/lower`,
          upper: `${folder}/upper`,
          work: `${folder}/work`,
        },
      ]),
    )
    expect(mounted).toEqual({ ok: true, value: undefined })
    expect(await run(mounts.list(folder))).toEqual([`${folder}/merged`, `${folder}/shm`])
    expect(await run(mounts.list(`${folder}/shm`))).toEqual([`${folder}/shm`])
    expect((await run(mounts.unmount([`${folder}/merged`, `${folder}/shm`]))).ok).toBe(true)
    expect(await run(mounts.list(folder))).toEqual([])
  })

  it('undoes the earlier mounts when a later one fails', async () => {
    const { mounts, run, folder, makeFolders } = make()
    await run(makeFolders(['a']))
    const failed = await run(
      mounts.mount([
        { type: 'tmpfs', target: `${folder}/a`, sizeBytes: 1 << 20, mode: 0o755 },
        { type: 'tmpfs', target: `${folder}/missing`, sizeBytes: 1 << 20, mode: 0o755 },
      ]),
    )
    expect(failed).toMatchObject({ ok: false, error: { code: 'NotFound' } })
    expect(await run(mounts.list(folder))).toEqual([])
  })

  it('refuses more layers than mount(2) has room for, instead of losing some', async () => {
    const { mounts, run, folder, makeFolders } = make()
    await run(makeFolders(['t', 'u', 'w']))
    const lower = Array.from({ length: 500 }, (_, at) => `layer-name-${at}`)
    const [target, upper, work] = [`${folder}/t`, `${folder}/u`, `${folder}/w`]
    const failed = await run(mounts.mount([{ type: 'overlay', target, lower, lowerDirectory: folder, upper, work }]))
    expect(!failed.ok && failed.error.code).toBe('TooLong')
  })

  it('takes no offence at unmounting what is not mounted', async () => {
    const { mounts, run, folder } = make()
    expect((await run(mounts.unmount([`${folder}/nothing`]))).ok).toBe(true)
    expect((await run(mounts.unmount([]))).ok).toBe(true)
  })
}
