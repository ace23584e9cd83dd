import { fail, ok, type Result } from '../../api/result.ts'
import type { runtimeCondition } from '../../api/rpc/cri.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import type { RuntimeStatus } from '../pod-runtime.ts'
import { type CriClient, rpcMessage } from './cri-client.ts'

const askWithinMs = 10_000

export type RuntimeVersion = Readonly<{ name: string; version: string }>

/** Who answers, and that it speaks the version of the CRI that we do. */
export async function runtimeVersion({ runtime }: CriClient): Promise<Result<RuntimeVersion, string>> {
  const answer = await runtime.Version({ version: '0.1.0' }, { timeoutMs: askWithinMs })
  if (!answer.ok && answer.error.code === 'Unimplemented')
    return fail('it does not serve version 1 of the Container Runtime Interface')
  if (!answer.ok && answer.error.code === 'Unavailable') return fail('nothing answers there; is it running?')
  if (!answer.ok) return fail(rpcMessage(answer.error))
  return ok({ name: answer.value.runtimeName, version: answer.value.runtimeVersion })
}

/** As the original kubelet's runtimeState words it for the node's Ready condition. */
export async function runtimeStatus({ runtime }: CriClient, known: RuntimeVersion): Promise<RuntimeStatus> {
  const [version, answer] = await Promise.all([
    runtime.Version({ version: '0.1.0' }, { timeoutMs: askWithinMs }),
    runtime.Status({}, { timeoutMs: askWithinMs }),
  ])
  const handlers = answer.ok ? answer.value.runtimeHandlers : []
  const fault = answer.ok ? faultOf(answer.value.status?.conditions ?? []) : 'container runtime is down'
  return {
    version: version.ok ? version.value.runtimeVersion : known.version,
    ...(fault === undefined ? {} : { fault }),
    handlers: handlers.map(({ name, features }) => ({
      name,
      recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts ?? false,
      userNamespaces: features?.userNamespaces ?? false,
    })),
    supplementalGroupsPolicy: answer.ok && (answer.value.features?.supplementalGroupsPolicy ?? false),
  }
}

const needed = [
  { type: 'RuntimeReady', what: 'container runtime' },
  { type: 'NetworkReady', what: 'container runtime network' },
] as const

function faultOf(conditions: readonly Received<typeof runtimeCondition>[]): string | undefined {
  const faults = needed.flatMap(({ type, what }) => {
    const condition = conditions.find((one) => one.type === type)
    if (condition === undefined) return [`${what} status check may not have completed yet`]
    if (condition.status) return []
    return [`${what} not ready: ${type}=false reason:${condition.reason} message:${condition.message}`]
  })
  return faults.length > 1 ? `[${faults.join(', ')}]` : faults[0]
}

/** What containerd tells of its own configuration; of others it is what CNI has for whoever does not say otherwise. */
export type RuntimeConfiguration = Readonly<{
  /** Where it looks for the configuration of its pods' network, and for the programs that it names. */
  network: Readonly<{ configuration: string; programs: string }>
  /** What it needs for each sandbox, and no kubelet may remove. */
  sandboxImage?: string
}>

const usual: RuntimeConfiguration = { network: { configuration: '/etc/cni/net.d', programs: '/opt/cni/bin' } }

export async function runtimeConfiguration({ runtime }: CriClient): Promise<RuntimeConfiguration> {
  const answer = await runtime.Status({ verbose: true }, { timeoutMs: askWithinMs })
  if (!answer.ok) return usual
  try {
    const { cni = {}, sandboxImage } = JSON.parse(answer.value.info.config ?? '') as ContainerdConfig
    const { confDir, binDir, binDirs = [] } = cni
    const network = {
      configuration: confDir || usual.network.configuration,
      programs: binDirs[0] || binDir || usual.network.programs,
    }
    return { network, ...(sandboxImage ? { sandboxImage } : {}) }
  } catch {
    return usual
  }
}

type ContainerdConfig = Readonly<{
  cni?: Readonly<{ confDir?: string; binDir?: string; binDirs?: readonly string[] }>
  sandboxImage?: string
}>
