import type { Container, ContainerStatus, Pod, PodStatus } from '../kinds.generated.ts'

/** What a pod's row says of its containers. */
export type PodSummary = Readonly<{
  /** Phase, or the reason that says more: 'CrashLoopBackOff', 'Init:0/2', 'Terminating'. */
  status: string
  readyContainers: number
  totalContainers: number
  restarts: number
  /** When a container last ended before it was restarted. */
  lastRestart?: string
}>

type Restarts = Readonly<{ count: number; last?: string }>
const noRestarts: Restarts = { count: 0 }

/** Source: printPod of Kubernetes' pkg/printers/internalversion. */
export function summarizePod(pod: Pod): PodSummary {
  const status: PodStatus = pod.status ?? {}
  const restartable = restartableNames(pod.spec?.initContainers ?? [])
  const totalContainers = (pod.spec?.containers ?? []).length + restartable.size
  const init = summarizeInit(pod, restartable)
  const isInitializing = init.reason !== undefined && !isTrue(status, 'Initialized')
  const main = isInitializing ? undefined : summarizeContainers(status)
  const { count, last } = main === undefined ? init.restarts : addRestarts(init.restartableRestarts, main.restarts)
  const reason =
    main?.reason ?? init.reason ?? (isGated(status) ? 'SchedulingGated' : status.reason || status.phase || '')
  return {
    status: endingStatus(pod) ?? finalReason(reason, main, status),
    readyContainers: init.ready + (main?.ready ?? 0),
    totalContainers,
    restarts: count,
    ...(last === undefined ? {} : { lastRestart: last }),
  }
}

function restartableNames(containers: readonly Container[]): ReadonlySet<string> {
  return new Set(containers.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
}

function isTrue({ conditions = [] }: PodStatus, type: string): boolean {
  return conditions.find((condition) => condition.type === type)?.status === 'True'
}

function isGated({ conditions = [] }: PodStatus): boolean {
  return conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
}

type Init = Readonly<{ reason?: string; ready: number; restarts: Restarts; restartableRestarts: Restarts }>

/** Init containers up to the first that is not done; `reason` is set when there is one. */
function summarizeInit(pod: Pod, restartable: ReadonlySet<string>): Init {
  const statuses = pod.status?.initContainerStatuses ?? []
  let ready = 0
  let restarts = noRestarts
  let restartableRestarts = noRestarts
  for (const [at, status] of statuses.entries()) {
    restarts = addRestarts(restarts, restartsOf(status))
    const isRestartable = restartable.has(status.name)
    if (isRestartable) restartableRestarts = addRestarts(restartableRestarts, restartsOf(status))
    if (status.state?.terminated?.exitCode === 0) continue
    if (isRestartable && status.started === true) {
      ready += status.ready ? 1 : 0
      continue
    }
    const reason = initReason(status, at, (pod.spec?.initContainers ?? []).length)
    return { reason, ready, restarts, restartableRestarts }
  }
  return { ready, restarts, restartableRestarts }
}

function initReason({ state }: ContainerStatus, at: number, count: number): string {
  if (state?.terminated) return `Init:${terminatedReason(state.terminated)}`
  const waiting = state?.waiting?.reason ?? ''
  return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${at}/${count}`
}

function terminatedReason({
  reason,
  signal,
  exitCode,
}: Readonly<{ reason?: string; signal?: number; exitCode: number }>): string {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

function restartsOf({ restartCount, lastState }: ContainerStatus): Restarts {
  const last = lastState?.terminated?.finishedAt
  return last === undefined || last === null ? { count: restartCount } : { count: restartCount, last }
}

function addRestarts(a: Restarts, b: Restarts): Restarts {
  const count = a.count + b.count
  const last = later(a.last, b.last)
  return last === undefined ? { count } : { count, last }
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Date.parse(a) < Date.parse(b) ? b : a
}

type Main = Readonly<{ reason?: string; failure?: string; running: boolean; ready: number; restarts: Restarts }>

/** From the last container to the first: the first one's reason wins. */
function summarizeContainers({ containerStatuses = [] }: PodStatus): Main {
  let main: Main = { running: false, ready: 0, restarts: noRestarts }
  for (const status of [...containerStatuses].reverse()) {
    main = { ...main, restarts: addRestarts(main.restarts, restartsOf(status)) }
    const { waiting, terminated, running } = status.state ?? {}
    if (waiting?.reason) main = { ...main, reason: waiting.reason }
    else if (terminated) {
      const reason = terminatedReason(terminated)
      main = terminated.exitCode === 0 ? { ...main, reason } : { ...main, reason, failure: reason }
    } else if (status.ready && running) main = { ...main, running: true, ready: main.ready + 1 }
  }
  return main
}

/** 'Completed' is not the whole truth while another container runs or has failed. */
function finalReason(reason: string, main: Main | undefined, status: PodStatus): string {
  if (reason !== 'Completed' || main === undefined) return reason
  if (main.running && isTrue(status, 'Ready')) return 'Running'
  return main.failure ?? (main.running ? 'NotReady' : reason)
}

function endingStatus({ metadata, status }: Pod): string | undefined {
  if (!metadata?.deletionTimestamp) return undefined
  if (status?.reason === 'NodeLost') return 'Unknown'
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? undefined : 'Terminating'
}
