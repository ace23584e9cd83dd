import { existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxDeflate } from '../host/linux/deflate.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxGrpc } from '../host/linux/grpc.ts'
import { linuxHttp } from '../host/linux/http.ts'
import { linuxLog } from '../host/linux/log.ts'
import { linuxRandom } from '../host/linux/random.ts'
import type { CriServer } from '../runtime/cri-server/cri-server.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import { checkPodRange } from './address-ranges.ts'
import { serveCri } from './cri-socket.ts'
import { type EngineNetwork, startEngineNetwork } from './engine-network.ts'
import { type Instance, instanceNamed } from './instance.ts'
import { makeLinuxEngine } from './linux-engine.ts'
import { ensurePackages, neededPrograms } from './system-packages.ts'

export type EngineOptions = Readonly<{
  socket?: string
  root?: string
  podCidr: string
  registryMirror?: Readonly<Record<string, string>>
  clean?: boolean
}>

type RunningEngine = Readonly<{ engine: Engine; network: EngineNetwork }>

/**
 * The container engine by itself, as kubelets and other tools of the CRI drive it: serves until it is told to end. Containers outlive it,
 * and the next one finds them.
 */
export async function runEngine(name: string, options: EngineOptions): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('containers need root')
  ensurePackages(neededPrograms(''), (line) => process.stderr.write(`${line}\n`))
  const instance = engineInstance(name, options)
  for (const folder of [instance.dataDirectory, instance.runDirectory])
    mkdirSync(folder, { recursive: true, mode: 0o711 })
  const lock = await linuxDisk().lock(`${instance.dataDirectory}/engine.lock`)
  if (!lock.ok)
    throw new Error(
      `engine "${name}" runs already${lock.holderPid === undefined ? '' : ` (process ${lock.holderPid})`}`,
    )
  checkPodRange(name, options.podCidr)
  const running = await start(instance, options)
  if (options.clean === true) return clean(running)
  const socketPath = options.socket ?? path.join(instance.runDirectory, 'cri.sock')
  const server = await serve(instance, running.engine, socketPath)
  process.stdout.write(`Engine "${name}" is ready at unix://${socketPath}\n`)
  await untilTold()
  await server.close()
  await running.network.stop()
  await running.engine.shutdown()
  await lock.release()
  process.exit(0)
}

function engineInstance(name: string, { root }: EngineOptions): Instance {
  const instance = instanceNamed(name)
  if (existsSync(instance.settingsPath)) throw new Error(`"${name}" is a cluster: choose another --name for the engine`)
  return root === undefined ? instance : { ...instance, dataDirectory: path.resolve(root) }
}

async function start(
  { name, dataDirectory, runDirectory }: Instance,
  { podCidr, registryMirror }: EngineOptions,
): Promise<RunningEngine> {
  const log = linuxLog()
  const network = await startEngineNetwork(name, podCidr, dataDirectory, log)
  const engine = await makeLinuxEngine({
    name,
    directory: `${dataDirectory}/engine`,
    runDirectory: `${runDirectory}/engine`,
    cgroupPaths: 'host',
    network: network.network,
    log,
    ...(registryMirror === undefined ? {} : { registryMirrors: registryMirror }),
  })
  return { engine, network }
}

function serve({ name, dataDirectory }: Instance, engine: Engine, socketPath: string): Promise<CriServer> {
  const host = {
    clock: linuxClock(),
    deflate: linuxDeflate(),
    disk: linuxDisk(),
    grpc: linuxGrpc(),
    http: linuxHttp(),
    random: linuxRandom(),
  }
  return serveCri(host, engine, {
    path: socketPath,
    hostname: hostname(),
    cgroupParent: `coracle-${name}/pods`,
    engineDirectory: `${dataDirectory}/engine`,
  })
}

/** Pods go with all they hold; images stay. */
async function clean({ engine, network }: RunningEngine): Promise<void> {
  await engine.teardown()
  await network.teardown()
  process.stdout.write('All pods are removed; images stay\n')
  process.exit(0)
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve())
    process.on('SIGINT', () => resolve())
    process.on('SIGHUP', () => {})
  })
}
