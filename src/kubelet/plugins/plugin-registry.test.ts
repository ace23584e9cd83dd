import { expect, it } from 'vitest'
import { ok } from '../../api/result.ts'
import { registration } from '../../api/rpc/plugin-registration.generated.ts'
import { rpcMethods } from '../../client/rpc.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simMachine } from '../../host/sim/machine.ts'
import { type Plugin, type PluginHandler, startPluginRegistry } from './plugin-registry.ts'

const folder = '/plugins_registry'

function world() {
  const machine = simMachine()
  const run = simRun(machine.clock)
  const seen: string[] = []
  const told: string[] = []
  let broken = 0
  const handler: PluginHandler = {
    validate: ({ versions }: Plugin) => (versions.includes('v1') ? undefined : `no version of ${versions} is known`),
    async register({ name, endpoint }) {
      if (broken-- > 0) return 'not yet'
      seen.push(`+${name} ${endpoint}`)
      return undefined
    },
    deregister: ({ name }) => void seen.push(`-${name}`),
  }
  return {
    ...machine,
    run,
    seen,
    told,
    breakNext: (times: number) => {
      broken = times
    },
    until: async (list: readonly string[], wanted: readonly string[]) => {
      const same = () => JSON.stringify(list) === JSON.stringify(wanted)
      await machine.clock.runUntilTrue(same, machine.clock.nowMs() + 60_000)
      expect(list).toEqual(wanted)
    },
    start: () => run(startPluginRegistry(machine, folder, new Map([['CSIPlugin', handler]]))),
    plugin: async (
      file: string,
      info: Readonly<{ type?: string; name: string; endpoint?: string; versions?: string[] }>,
    ) => {
      const { type = 'CSIPlugin', name, endpoint = '', versions = ['v1'] } = info
      const listener = await run(
        machine.grpc.listen(
          `${folder}/${file}`,
          rpcMethods(registration, {
            GetInfo: async () => ok({ type, name, endpoint, supportedVersions: versions }),
            async NotifyRegistrationStatus({ pluginRegistered, error }) {
              told.push(pluginRegistered ? `${name} registered` : error)
              return ok({})
            },
          }),
        ),
      )
      if (!listener.ok) throw new Error(listener.error.message)
      return listener.value
    },
  }
}

it('registers plugins whose sockets are there or come, also in folders, and lets go of those that go', async () => {
  const { run, disk, plugin, start, until, seen, told } = world()
  await run(disk.makeDirectory(folder))
  const first = await plugin('first.sock', { name: 'first' })
  await start()
  await until(seen, [`+first ${folder}/first.sock`])
  await run(disk.makeDirectory(`${folder}/below`))
  await plugin('below/second.sock', { name: 'second', endpoint: '/csi.sock' })
  await until(seen, [`+first ${folder}/first.sock`, '+second /csi.sock'])
  await until(told, ['first registered', 'second registered'])
  await run(first.close())
  await until(seen, [`+first ${folder}/first.sock`, '+second /csi.sock', '-first'])
})

it('registers a plugin anew that has come back at the same place', async () => {
  const { run, plugin, start, until, seen } = world()
  await start()
  const first = await plugin('one.sock', { name: 'old' })
  await until(seen, [`+old ${folder}/one.sock`])
  void run(first.close())
  await plugin('one.sock', { name: 'new' })
  await until(seen, [`+old ${folder}/one.sock`, '-old', `+new ${folder}/one.sock`])
})

it('tells a plugin why it is refused, and tries again what may yet succeed', async () => {
  const refused = world()
  await refused.start()
  await refused.plugin('other.sock', { name: 'other', type: 'Toaster' })
  const unknown = `RegisterPlugin error -- no handler registered for plugin type: Toaster at socket ${folder}/other.sock`
  await refused.until(refused.told, [unknown])
  const late = world()
  await late.start()
  late.breakNext(2)
  await late.plugin('late.sock', { name: 'late' })
  const notYet = 'RegisterPlugin error -- plugin registration failed with err: not yet'
  await late.until(late.told, [notYet, notYet, 'late registered'])
})
