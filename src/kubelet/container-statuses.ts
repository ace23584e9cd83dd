import type {
  Container,
  ContainerState,
  ContainerStatus,
  ResourceStatus,
  VolumeMountStatus,
} from '../api/kinds.generated.ts'
import { timestampOf } from '../api/wire-time.ts'
import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { isRecursivelyReadOnly } from './container-mounts.ts'
import { latestContainer, type ObservedPod } from './observed-pod.ts'
import type { ProbeResults } from './pod-actions.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'
import { type Actuated, madeWith } from './resize-plan.ts'
import { shouldStart } from './restart-policy.ts'

/** Why a container does not run: what its status shows as waiting. */
export type StartFailure = Readonly<{ reason: string; message: string }>

export type StatusInput = Readonly<{
  /** The runtime's name. */
  runtime: string
  pod: KubeletPod
  observed: ObservedPod
  /** By container name. */
  failures: ReadonlyMap<string, StartFailure>
  /** What containers said when they ended, by container id. */
  terminationMessages: ReadonlyMap<string, string>
  probes: ProbeResults
  actuated: Actuated
  /** Of the devices that a container was given, by its name. */
  deviceHealth: (container: string) => readonly ResourceStatus[]
}>

export type ListKind = 'init' | 'regular' | 'ephemeral'

/** An id as clients see it: 'containerd://…'. */
export function containerIdOf(runtime: string, id: string): string {
  return `${runtime}://${id}`
}

/** The runtime's own id; '' where there is none. */
export function idOf(containerID = ''): string {
  return containerID.slice(containerID.indexOf('://') + 3)
}

/** Statuses of one list of the spec's containers, as Kubernetes' convertToAPIContainerStatuses: init in spec order, others by name. */
export function containerStatuses(
  input: StatusInput,
  containers: readonly Container[],
  before: readonly ContainerStatus[],
  kind: ListKind,
): readonly ContainerStatus[] {
  const statuses = containers.map((container) => {
    const known = before.find(({ name }) => name === container.name)
    const status = withProbes(input, container, statusOf(input, container, known, kind), kind)
    const health = kind === 'regular' ? input.deviceHealth(container.name) : []
    return health.length === 0 ? status : { ...status, allocatedResourcesStatus: health }
  })
  return kind === 'init' ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function statusOf(
  input: StatusInput,
  container: Container,
  known: ContainerStatus | undefined,
  kind: ListKind,
): ContainerStatus {
  const seen = input.observed.containers.filter(({ name }) => name === container.name)
  const [latest, previous] = seen
  if (latest === undefined) return withFailure(input, container, unseen(input, container, known, kind), kind)
  const status = observedStatus(input, container, latest, known)
  const lastState = previous === undefined ? carriedState(status, known) : stateOf(input, previous, undefined)
  return withFailure(input, container, lastState === undefined ? status : { ...status, lastState }, kind)
}

/** The end of an instance that the runtime no longer has. */
function carriedState(status: ContainerStatus, known: ContainerStatus | undefined): ContainerState | undefined {
  const { terminated } = known?.state ?? {}
  if (terminated !== undefined && known?.containerID !== status.containerID) return { terminated }
  return known?.lastState?.terminated === undefined ? undefined : { terminated: known.lastState.terminated }
}

function observedStatus(
  input: StatusInput,
  container: Container,
  latest: RuntimeContainer,
  known: ContainerStatus | undefined,
): ContainerStatus {
  const resources = shownResources(input, container, latest)
  const granted = container.resources?.requests
  const volumeMounts = known?.volumeMounts ?? mountStatuses(container)
  return {
    name: container.name,
    state: stateOf(input, latest, known),
    lastState: {},
    ready: false,
    restartCount: Math.max(latest.attempt, latest.state === 'unknown' ? (known?.restartCount ?? 0) + 1 : 0),
    image: latest.image,
    imageID: latest.imageId,
    containerID: containerIdOf(input.runtime, latest.id),
    ...(granted === undefined ? {} : { allocatedResources: granted }),
    resources,
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
  }
}

/** Of a running container what it has, of others what they were granted. Only what is named there counts. */
function shownResources(
  { actuated }: StatusInput,
  { resources = {} }: Container,
  latest: RuntimeContainer,
): NonNullable<Container['resources']> {
  if (latest.state !== 'running') return resources
  const current = actuated.containers.get(latest.id) ?? madeWith(latest)
  if (current === undefined) return resources
  const list = (name: 'limits' | 'requests') => {
    const granted = resources[name]
    if (granted === undefined) return {}
    const { cpu, memory } = current[name] ?? {}
    return { [name]: { ...granted, ...(cpu && { cpu }), ...(memory && { memory }) } }
  }
  return { ...resources, ...list('limits'), ...list('requests') }
}

function stateOf(
  { runtime, terminationMessages }: StatusInput,
  container: RuntimeContainer,
  known: ContainerStatus | undefined,
): ContainerState {
  const startedAt = container.startedAtMs === undefined ? undefined : timestampOf(container.startedAtMs)
  switch (container.state) {
    case 'running':
      return { running: startedAt === undefined ? {} : { startedAt } }
    case 'created':
      return { waiting: {} }
    case 'exited': {
      const own = container.message ?? ''
      const said = terminationMessages.get(container.id) ?? ''
      const message = own !== '' && said !== '' ? `${own}: ${said}` : own + said
      return {
        terminated: {
          exitCode: container.exitCode ?? 0,
          ...(container.signal === undefined ? {} : { signal: container.signal }),
          reason: container.reason ?? (container.exitCode === 0 ? 'Completed' : 'Error'),
          ...(message === '' ? {} : { message }),
          startedAt: startedAt ?? '1970-01-01T00:00:00Z',
          finishedAt: timestampOf(container.finishedAtMs ?? 0),
          containerID: containerIdOf(runtime, container.id),
        },
      }
    }
    case 'unknown':
      if (known?.state?.running === undefined) return { waiting: {} }
      return { terminated: lost('The container could not be located when the pod was terminated') }
  }
}

function lost(message: string) {
  return { exitCode: 137, reason: 'ContainerStatusUnknown', message }
}

/** A container that the runtime does not have: never made, or removed. */
function unseen(
  { pod }: StatusInput,
  container: Container,
  known: ContainerStatus | undefined,
  kind: ListKind,
): ContainerStatus {
  if (known?.state?.terminated !== undefined) return known
  const waiting = { reason: hasInit(pod) ? 'PodInitializing' : 'ContainerCreating' }
  const volumeMounts = mountStatuses(container)
  const status: ContainerStatus = {
    name: container.name,
    state: { waiting },
    lastState: known?.lastState ?? {},
    ready: false,
    restartCount: known?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
  }
  if (known?.state?.running === undefined || kind === 'init' || known.lastState?.terminated !== undefined) return status
  const message = 'The container could not be located when the pod was deleted.  The container used to be Running'
  const restarted = pod.metadata.deletionTimestamp === undefined ? 1 : 0
  return { ...status, restartCount: status.restartCount + restarted, lastState: { terminated: lost(message) } }
}

function hasInit({ spec }: KubeletPod): boolean {
  return (spec.initContainers?.length ?? 0) > 0
}

function mountStatuses({ volumeMounts = [] }: Container): readonly VolumeMountStatus[] {
  return volumeMounts.map((mount) => {
    const { name, mountPath, readOnly } = mount
    const recursiveReadOnly = isRecursivelyReadOnly(mount) ? 'Enabled' : 'Disabled'
    return { name, mountPath, ...(readOnly ? { readOnly, recursiveReadOnly } : {}) }
  })
}

/** What is about to be started, and cannot be, is waiting: the end of its last instance moves to lastState. */
function withFailure(
  input: StatusInput,
  container: Container,
  status: ContainerStatus,
  kind: ListKind,
): ContainerStatus {
  const { pod, observed, failures } = input
  const latest = latestContainer(observed, container.name)
  if (kind === 'init') {
    if (latest?.state === 'exited' && latest.exitCode === 0 && !isSidecar(container)) return status
    if (latest === undefined && !isSidecar(container) && status.state?.waiting && anyRegularCreated(input))
      return { ...status, state: { terminated: forgotten() } }
  }
  const failure = failures.get(container.name)
  if (failure === undefined || !shouldStart(pod, container, observed)) return status
  const { terminated } = status.state ?? {}
  const { reason, message } = failure
  const waiting = message === '' ? { reason } : { reason, message }
  return { ...status, state: { waiting }, ...(terminated === undefined ? {} : { lastState: { terminated } }) }
}

function anyRegularCreated({ pod, observed }: StatusInput): boolean {
  return pod.spec.containers.some(({ name }) => latestContainer(observed, name) !== undefined)
}

function forgotten() {
  const message =
    'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally'
  return { exitCode: 0, reason: 'Completed', message }
}

/** ready and started: what the probes say, and where there are none, that it runs. */
function withProbes(
  { probes }: StatusInput,
  container: Container,
  status: ContainerStatus,
  kind: ListKind,
): ContainerStatus {
  const id = idOf(status.containerID)
  const running = status.state?.running !== undefined
  const probed = kind === 'regular' || isSidecar(container)
  if (kind === 'ephemeral') return status
  const startup = probes.startup.get(id)
  const started = running && (!probed || container.startupProbe === undefined || startup === 'success')
  if (!probed) return { ...status, started, ready: status.state?.terminated?.exitCode === 0 }
  const ready = started && (container.readinessProbe === undefined || probes.readiness.get(id) === 'success')
  return { ...status, started, ready }
}
