import { fail, ok } from '../../api/result.ts'
import type { containerConfig, containerStatus, podSandboxConfig } from '../../api/rpc/cri.generated.ts'
import { imageService, runtimeService } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import { type RpcHandlers, rpcMethods } from '../../client/rpc.ts'
import type { GrpcFailure, GrpcMethods } from '../../ports/grpc.ts'

type SandboxConfig = Received<typeof podSandboxConfig>
type ContainerConfig = Received<typeof containerConfig>
type Container = { sandbox: string; config: ContainerConfig; status: Sent<typeof containerStatus> }

/** A container runtime whose containers do what a test says: what tests of the client's side stand on. */
export interface ScriptedCri {
  readonly methods: GrpcMethods
  readonly sandboxes: Map<string, { config: SandboxConfig; ready: boolean }>
  readonly containers: Map<string, Container>
  readonly images: Set<string>
  /** Every call that changes something: 'RunPodSandbox web', 'StopContainer c0 30' … */
  readonly calls: string[]
  /** The container ends by itself; with `tell`, as a runtime with events. */
  end(id: string, exitCode: number, reason: string): void
  script: {
    events: boolean
    conditions: readonly Readonly<{ type: string; status: boolean; reason?: string; message?: string }>[]
    /** What ExecSync answers. */
    exec: GrpcFailure | Readonly<{ exitCode: number; stdout: string }>
    /** Where streams are served. */
    url: string
    /** What pulls fail with, by user name; '' is nobody. */
    pulls: ReadonlyMap<string, GrpcFailure>
  }
}

const missing = (what: string) => fail<GrpcFailure>({ code: 'NotFound', message: `${what}: not found` })

export function scriptedCri(): ScriptedCri {
  const cri = {
    sandboxes: new Map(),
    containers: new Map(),
    images: new Set(['img:1']),
    calls: [],
    script: {
      events: false,
      conditions: [
        { type: 'RuntimeReady', status: true },
        { type: 'NetworkReady', status: true },
      ],
      exec: { exitCode: 0, stdout: '' },
      url: '',
      pulls: new Map(),
    },
  } as unknown as ScriptedCri
  const wakes: (() => void)[] = []
  const changed = (): void => {
    for (const wake of wakes.splice(0)) wake()
  }
  const methods = new Map([
    ...rpcMethods(runtimeService, {
      ...statusMethods(cri),
      ...sandboxMethods(cri),
      ...containerMethods(cri),
      ...eventMethods(cri, wakes),
    }),
    ...rpcMethods(imageService, imageMethods(cri)),
  ])
  return Object.assign(cri, {
    methods,
    end(id: string, exitCode: number, reason: string) {
      const container = cri.containers.get(id)
      if (container === undefined) return
      container.status = { ...container.status, state: 'CONTAINER_EXITED', finishedAt: 9e9, exitCode, reason }
      changed()
    },
  })
}

type Handlers = RpcHandlers<typeof runtimeService.methods>

function statusMethods({ script }: ScriptedCri): Handlers {
  return {
    Version: async () => ok({ runtimeName: 'containerd', runtimeVersion: '9.9', runtimeApiVersion: 'v1' }),
    Status: async () => ok({ status: { conditions: script.conditions } }),
    UpdateRuntimeConfig: async () => ok({}),
    async ExecSync() {
      if ('code' in script.exec) return fail(script.exec)
      return ok({ exitCode: script.exec.exitCode, stdout: new TextEncoder().encode(script.exec.stdout) })
    },
    Exec: async () => ok({ url: `${script.url}/exec` }),
    PortForward: async () => ok({ url: `${script.url}/portforward` }),
  }
}

function sandboxMethods({ sandboxes, containers, calls }: ScriptedCri): Handlers {
  return {
    async RunPodSandbox({ config }) {
      if (config === undefined) return missing('config')
      calls.push(`RunPodSandbox ${config.metadata?.name}`)
      const podSandboxId = `s${sandboxes.size}`
      sandboxes.set(podSandboxId, { config, ready: true })
      return ok({ podSandboxId })
    },
    async PodSandboxStatus({ podSandboxId: id }) {
      const found = sandboxes.get(id)
      if (found === undefined) return missing(id)
      const { metadata, labels, annotations } = found.config
      const state = sandboxState(found)
      const network = { ip: found.ready ? '10.0.0.7' : '' }
      return ok({ status: { id, metadata, labels, annotations, state, createdAt: 1e9, network } })
    },
    async StopPodSandbox({ podSandboxId: id }) {
      calls.push(`StopPodSandbox ${id}`)
      const found = sandboxes.get(id)
      if (found !== undefined) found.ready = false
      return ok({})
    },
    async RemovePodSandbox({ podSandboxId: id }) {
      calls.push(`RemovePodSandbox ${id}`)
      sandboxes.delete(id)
      for (const [name, { sandbox }] of containers) if (sandbox === id) containers.delete(name)
      return ok({})
    },
    ListPodSandbox: async ({ filter }) =>
      ok({
        items: [...sandboxes]
          .filter(([, { config }]) => matches(filter?.labelSelector, config.labels))
          .map(([id, { config, ready }]) => ({
            ...config,
            id,
            state: sandboxState({ ready }),
          })),
      }),
  }
}

function sandboxState({ ready }: Readonly<{ ready: boolean }>) {
  return ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY'
}

function matches(wanted: Readonly<Record<string, string>> = {}, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

function containerMethods({ containers, calls }: ScriptedCri): Handlers {
  const set = (id: string, more: Sent<typeof containerStatus>) => {
    const found = containers.get(id)
    if (found === undefined) return missing(id)
    found.status = { ...found.status, ...more }
    return ok({})
  }
  return {
    async CreateContainer({ podSandboxId, config, sandboxConfig }) {
      if (config === undefined) return missing('config')
      const id = `c${containers.size}`
      const { metadata, labels, annotations, image } = config
      const logPath = `${sandboxConfig?.logDirectory}/${config.logPath}`
      const own = { id, metadata, labels, annotations, image, imageRef: 'sha256:1', logPath }
      const status = { ...own, state: 'CONTAINER_CREATED', createdAt: 2e9 } as const
      containers.set(id, { sandbox: podSandboxId, config, status })
      return ok({ containerId: id })
    },
    StartContainer: async ({ containerId }) => set(containerId, { state: 'CONTAINER_RUNNING', startedAt: 3e9 }),
    async StopContainer({ containerId, timeout }) {
      calls.push(`StopContainer ${containerId} ${timeout}`)
      return set(containerId, { state: 'CONTAINER_EXITED', finishedAt: 9e9, exitCode: 143, reason: 'Error' })
    },
    async ContainerStatus({ containerId }) {
      const found = containers.get(containerId)
      return found === undefined ? missing(containerId) : ok({ status: found.status })
    },
    ListContainers: async ({ filter }) =>
      ok({
        containers: [...containers]
          .filter(([, { config }]) => matches(filter?.labelSelector, config.labels))
          .map(([id, { sandbox, status }]) => ({ id, podSandboxId: sandbox, state: status.state })),
      }),
  }
}

function eventMethods({ script }: ScriptedCri, wakes: (() => void)[]): Handlers {
  return {
    async *GetContainerEvents(_, { closed }) {
      if (!script.events) return yield fail<GrpcFailure>({ code: 'Unimplemented', message: 'not yet' })
      while (!closed.aborted) {
        await new Promise<void>((resolve) => wakes.push(resolve))
        yield ok({ containerEventType: 'CONTAINER_STOPPED_EVENT' as const })
      }
    },
  }
}

function imageMethods({ images, calls, script }: ScriptedCri): RpcHandlers<typeof imageService.methods> {
  const imageOf = (name: string) => ({ id: 'sha256:1', repoTags: [name], size: 5, username: 'app' })
  return {
    ImageStatus: async ({ image }) => ok(images.has(image?.image ?? '') ? { image: imageOf(image?.image ?? '') } : {}),
    ListImages: async () => ok({ images: [...images].map(imageOf) }),
    async PullImage({ image, auth }) {
      const user = auth?.username ?? ''
      calls.push(`PullImage ${user}`)
      const failure = script.pulls.get(user)
      if (failure !== undefined) return fail(failure)
      images.add(image?.image ?? '')
      return ok({ imageRef: image?.image ?? '' })
    },
  }
}
