import type { EngineContext } from '../engine/engine-context.ts'
import { removeSandbox, runSandbox } from '../engine/engine-sandboxes.ts'
import type { Mount } from '../pod-runtime.ts'
import { BuildError } from './build-error.ts'
import type { RunStep } from './build-step.ts'
import type { Workspace } from './build-workspace.ts'

type Network = RunStep['network']

/** Networks for the commands of one build, each made when it is first needed. */
export interface BuildSandboxes {
  /** A sandbox, and the files that its commands find in /etc. */
  of(network: Network): Promise<Readonly<{ id: string; mounts: readonly Mount[] }>>
  close(): Promise<void>
}

const hostname = 'build'

export function buildSandboxes(context: EngineContext, workspace: Workspace, buildId: string): BuildSandboxes {
  const made = new Map<Network, ReturnType<BuildSandboxes['of']>>()
  const make = async (network: Network) => {
    const sandbox = await runSandbox(context, {
      pod: { name: `build-${buildId}`, namespace: '', uid: `build-${buildId}-${network}` },
      attempt: 0,
      hostname,
      hostNetwork: network === 'host',
      isIsolated: network === 'none',
      isBuild: true,
      logDirectory: workspace.folder,
      cgroupParent: `builds/${buildId}-${network}`,
      sysctls: {},
      portMappings: [],
    })
    if (!sandbox.ok) throw new BuildError(sandbox.error.message)
    return { id: sandbox.value.id, mounts: await etcFiles(context, workspace, network) }
  }
  return {
    of(network) {
      const known = made.get(network) ?? make(network)
      made.set(network, known)
      return known
    },
    async close() {
      for (const sandbox of made.values()) {
        const found = await sandbox.catch(() => undefined)
        if (found === undefined) continue
        const removed = await removeSandbox(context, found.id)
        if (!removed.ok) context.log.warn('cannot remove the sandbox of a build', { error: removed.error.message })
      }
    },
  }
}

async function etcFiles(
  { disk, nameserver }: EngineContext,
  workspace: Workspace,
  network: Network,
): Promise<readonly Mount[]> {
  const folder = workspace.fresh('etc')
  await disk.makeDirectory(folder)
  const hosts = `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n`
  const own = await readText(disk, '/etc/resolv.conf')
  const others = own.split('\n').filter((line) => !line.startsWith('nameserver'))
  const resolver =
    network === 'default' && nameserver !== undefined ? [...others, `nameserver ${nameserver}`, ''].join('\n') : own
  const files = { hosts, 'resolv.conf': resolver }
  const mounts: Mount[] = []
  for (const [name, content] of Object.entries(files)) {
    const hostPath = `${folder}/${name}`
    await disk.writeFile(hostPath, new TextEncoder().encode(content))
    mounts.push({ hostPath, containerPath: `/etc/${name}`, readOnly: false, propagation: 'private' })
  }
  return mounts
}

async function readText(disk: EngineContext['disk'], path: string): Promise<string> {
  return (await disk.exists(path)) ? new TextDecoder().decode(await disk.readFile(path)) : ''
}
