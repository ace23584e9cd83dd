import type { Codec } from '../../ports/codec.ts'
import type { Disk } from '../../ports/disk.ts'
import { keyLock } from '../key-lock.ts'

export type TakenMount = Readonly<{ folder: string; release(): void }>

/** Folders of RUN --mount=type=cache, which builds leave for each other. */
export interface CacheMounts {
  /** The folder of this name; `make` fills it when it is new. locked: one at a time; private: one of one's own. */
  take(
    id: string,
    sharing: 'shared' | 'private' | 'locked',
    make: (folder: string) => Promise<void>,
  ): Promise<TakenMount>
  /** Removes those that nobody uses. */
  clear(): Promise<void>
}

export async function openCacheMounts(disk: Disk, codec: Codec, folder: string): Promise<CacheMounts> {
  await disk.makeDirectory(folder, 0o700)
  const users = new Map<string, number>()
  const locked = keyLock()
  const nameOf = (id: string): string => {
    const hash = codec.sha256()
    hash.update(new TextEncoder().encode(id))
    return hash.hex()
  }
  const use = async (name: string, make: (folder: string) => Promise<void>): Promise<TakenMount> => {
    users.set(name, (users.get(name) ?? 0) + 1)
    const path = `${folder}/${name}`
    const release = (): void => void users.set(name, (users.get(name) ?? 1) - 1)
    try {
      await locked(`make ${name}`, async () => {
        if (await disk.exists(path)) return
        // What was half made by a process that was ended is made anew.
        const draft = `${folder}/.${name}`
        await disk.remove(draft)
        await disk.makeDirectory(draft)
        await make(draft)
        await disk.rename(draft, path)
      })
    } catch (error) {
      release()
      throw error
    }
    return { folder: path, release }
  }
  return {
    async take(id, sharing, make) {
      const name = nameOf(id)
      if (sharing === 'shared') return use(name, make)
      if (sharing === 'private') {
        let copy = 0
        while ((users.get(`${name}-${copy}`) ?? 0) > 0) copy += 1
        return use(`${name}-${copy}`, make)
      }
      return new Promise((resolve, reject) => {
        void locked(`use ${name}`, async () => {
          try {
            const taken = await use(name, make)
            await new Promise<void>((done) => {
              const release = (): void => {
                taken.release()
                done()
              }
              resolve({ ...taken, release })
            })
          } catch (error) {
            reject(error)
          }
        })
      })
    },
    async clear() {
      for (const name of await disk.list(folder))
        if ((users.get(name) ?? 0) === 0) await disk.remove(`${folder}/${name}`)
    },
  }
}
