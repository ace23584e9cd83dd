import { timestampOf } from '../../api/wire-time.ts'
import { DiskError } from '../../ports/disk.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../ports/http.ts'
import { jsonAnswer, textAnswer } from '../../runtime/streaming/plain-answer.ts'
import { shownConfiguration } from '../configuration/kubelet-configuration.ts'
import type { CsiVolumes } from '../csi/csi-volumes.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { PodManager } from '../pod-manager.ts'
import type { PodStarts } from '../pod-starts.ts'
import type { ProbeCounts } from '../probes/probe-counts.ts'
import type { StatusWriter } from '../status-writer.ts'
import { diskUsageCache } from '../usage/disk-usage-cache.ts'
import { podDiskUsage } from '../usage/pod-disk-usage.ts'
import { volumeUsage } from '../usage/volume-usage.ts'
import { makeUsageSampler } from '../usage-sampler.ts'
import { cadvisorMetrics } from './cadvisor-metrics.ts'
import { checkpoint, run } from './container-commands.ts'
import { containerLogs } from './container-logs.ts'
import { healthz } from './health-checks.ts'
import { kubeletMetrics, probeMetrics } from './kubelet-metrics.ts'
import { logFiles } from './log-files.ts'
import { podList, runningPods } from './pod-list.ts'
import { portForward } from './port-forward.ts'
import { attach, exec } from './remote-command.ts'
import { resourceMetrics } from './resource-metrics.ts'
import type { ServerContext } from './server-context.ts'
import { statsSummary } from './stats-summary.ts'

type Route = (
  context: ServerContext,
  parts: readonly string[],
  query: URLSearchParams,
  request: HttpRequest,
) => HttpResponse | Promise<HttpResponse>

const routes: Readonly<Record<string, Route>> = {
  containerLogs,
  exec,
  attach,
  portForward,
  pods: (context) => jsonAnswer(podList(context)),
  runningpods: (context) => jsonAnswer(runningPods(context)),
  run,
  checkpoint,
  logs: logFiles,
  configz: ({ deps }) => jsonAnswer({ kubeletconfig: shownConfiguration(deps.config.configuration) }),
  stats: async (context, [what], query) =>
    what === 'summary' ? statsSummary(context, query) : textAnswer(404, '404 page not found\n'),
  metrics: async (context, [what = '']) => {
    const text = Object.hasOwn(metrics, what) ? await metrics[what]?.(context) : undefined
    return text === undefined ? textAnswer(404, '404 page not found\n') : metricAnswer(text)
  },
  healthz: (_, parts, query) => healthz(parts, query),
}

/** The others say themselves how they may be called. */
const onlyRead = new Set(['containerLogs', 'pods', 'runningpods', 'stats'])

const metrics: Readonly<Record<string, (context: ServerContext) => string | Promise<string>>> = {
  '': kubeletMetrics,
  cadvisor: cadvisorMetrics,
  probes: probeMetrics,
  resource: resourceMetrics,
}

function metricAnswer(text: string): HttpResponse {
  return { ...textAnswer(200, text), headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }
}

/** The kubelet's own API, as API servers call it. */
export function kubeletHandler(
  deps: KubeletDeps,
  pods: Pick<PodManager, 'pod' | 'pods'>,
  statuses: Pick<StatusWriter, 'latest'>,
  counts: Readonly<{ probeCounts: Pick<ProbeCounts, 'list'>; podStarts: Pick<PodStarts, 'families'> }>,
  csi: Pick<CsiVolumes, 'space'>,
): HttpHandler {
  const context: ServerContext = {
    deps,
    pods,
    statusOf: (pod) => statuses.latest(pod.metadata.uid) ?? pod.status,
    usage: makeUsageSampler(deps.runtime, deps.clock),
    probeCounts: counts.probeCounts.list,
    podStarts: counts.podStarts.families,
    diskUsage: diskUsageCache(deps.clock, (pod) => podDiskUsage(deps, pod)),
    volumeUsage: diskUsageCache(deps.clock, (pod) => volumeUsage({ ...deps, csi }, pod)),
    startTime: timestampOf(deps.clock.nowMs()),
  }
  return async (request) => {
    const [path = '', search = ''] = split(request.target)
    const [first = '', ...parts] = path.split('/').filter((part) => part !== '')
    const route = Object.hasOwn(routes, first) ? routes[first] : undefined
    if (route === undefined) return textAnswer(404, '404 page not found\n')
    if (onlyRead.has(first) && request.method !== 'GET') return textAnswer(405, '405: Method Not Allowed')
    const decoded = parts.map(decode)
    if (decoded.some((part) => part === undefined)) return textAnswer(400, 'invalid path\n')
    const names = decoded as readonly string[]
    try {
      return await route(context, withoutUid(first, names), new URLSearchParams(search), request)
    } catch (error) {
      if (error instanceof DiskError) return textAnswer(500, `${error.message}\n`)
      throw error
    }
  }
}

/** Where a container is named, the pod's uid may stand before it. */
function withoutUid(route: string, parts: readonly string[]): readonly string[] {
  const ofContainer = ['containerLogs', 'exec', 'attach', 'run'].includes(route)
  return ofContainer && parts.length === 4 ? [...parts.slice(0, 2), ...parts.slice(3)] : parts
}

function split(target: string): readonly [string, string] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
