import { expect, it } from 'vitest'
import type { Namespaces } from '../../ports/namespaces.ts'

export type NamespacesUnderTest = Readonly<{
  namespaces: Namespaces
  run: <T>(promise: Promise<T>) => Promise<T>
  /** A name that nobody else uses. */
  name: string
}>

export function namespacesContract(make: () => NamespacesUnderTest): void {
  const request = { hostname: 'box', hostNetwork: false, hostIpc: false, processes: false, sysctls: {} }

  it('pins namespaces under a name, once, until they are unpinned', async () => {
    const { namespaces, run, name } = make()
    const pinned = await run(namespaces.pin({ ...request, name }))
    expect(pinned.ok && pinned.value.netPath).toBe(`/run/netns/${name}`)
    expect(await run(namespaces.list(name))).toEqual([name])
    expect(await run(namespaces.find(name))).toEqual(pinned.ok && pinned.value)
    const again = await run(namespaces.pin({ ...request, name }))
    expect(!again.ok && again.error.code).toBe('Exists')
    expect(await run(namespaces.list(name))).toEqual([name])
    expect((await run(namespaces.unpin(name))).ok).toBe(true)
    expect(await run(namespaces.list(name))).toEqual([])
    expect(await run(namespaces.find(name))).toBeUndefined()
    expect((await run(namespaces.unpin(name))).ok).toBe(true)
  })

  it('pins no network of its own for a pod on the host network', async () => {
    const { namespaces, run, name } = make()
    const pinned = await run(namespaces.pin({ ...request, name, hostNetwork: true }))
    expect(pinned.ok && [pinned.value.netPath, pinned.value.utsPath]).toEqual([undefined, undefined])
    expect(await run(namespaces.list(name))).toEqual([name])
    await run(namespaces.unpin(name))
  })

  it('pins a process namespace where one is to be shared, and nothing that the host shares', async () => {
    const { namespaces, run, name } = make()
    const pinned = await run(namespaces.pin({ ...request, name, hostNetwork: true, hostIpc: true, processes: true }))
    expect(pinned.ok && Object.keys(pinned.value)).toEqual(['pidPath'])
    expect(await run(namespaces.list(name))).toEqual([name])
    expect((await run(namespaces.unpin(name))).ok).toBe(true)
    expect(await run(namespaces.list(name))).toEqual([])
  })

  it('pins a user namespace that owns the others', async () => {
    const { namespaces, run, name } = make()
    const users = { firstId: 65_536, count: 65_536 }
    const pinned = await run(namespaces.pin({ ...request, name, processes: true, users }))
    expect(pinned.ok && Object.keys(pinned.value).sort()).toEqual([
      'ipcPath',
      'netPath',
      'pidPath',
      'userPath',
      'utsPath',
    ])
    expect(await run(namespaces.find(name))).toEqual(pinned.ok && pinned.value)
    expect((await run(namespaces.unpin(name))).ok).toBe(true)
    expect(await run(namespaces.list(name))).toEqual([])
  })

  it('refuses a sysctl that is not there where users are mapped, too', async () => {
    const { namespaces, run, name } = make()
    const users = { firstId: 65_536, count: 65_536 }
    const failed = await run(namespaces.pin({ ...request, name, users, sysctls: { 'no.such.setting': '1' } }))
    expect(!failed.ok && failed.error.code).toBe('InvalidSysctl')
    expect(await run(namespaces.list(name))).toEqual([])
  })

  it('refuses a sysctl that is not there, and leaves nothing behind', async () => {
    const { namespaces, run, name } = make()
    const failed = await run(namespaces.pin({ ...request, name, sysctls: { 'no.such.setting': '1' } }))
    expect(!failed.ok && failed.error.code).toBe('InvalidSysctl')
    expect(await run(namespaces.list(name))).toEqual([])
  })
}
