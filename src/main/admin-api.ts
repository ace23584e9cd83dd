import { kinds } from '../api/kinds.ts'
import { isNodeReady } from '../controllers/node-lifecycle/node-health.ts'
import type { HttpListener, HttpRequest, HttpResponse } from '../ports/http.ts'
import { json, readToEnd } from './admin-answer.ts'
import type { RunningCluster } from './cluster.ts'
import type { DaemonStatus } from './daemon-client.ts'
import type { Host } from './host.ts'
import { imageApi } from './image-api.ts'
import type { Instance, Settings } from './instance.ts'
import { othersImages, runtimeImageApi } from './runtime-image-api.ts'

type Parts = Readonly<{ host: Host; instance: Instance; settings: Settings; cluster: RunningCluster }>

/** What the command line asks of the running process, over a unix socket that only its user can open. */
export async function startAdminApi(parts: Parts): Promise<HttpListener> {
  const { host, instance } = parts
  const startedAtMs = host.clock.nowMs()
  const listener = await host.http.listen({ type: 'unix', path: instance.socketPath }, async (request) => {
    try {
      return await answer(parts, startedAtMs, request)
    } catch (error) {
      host.log.error('the command could not be carried out', { target: request.target, error: String(error) })
      return json(500, { error: (error as Error).message })
    }
  })
  if (!listener.ok) throw new Error(`cannot listen on ${instance.socketPath}: ${listener.error.message}`)
  return listener.value
}

async function answer(
  { settings, instance, cluster }: Parts,
  startedAtMs: number,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { method, target } = request
  if (method === 'GET' && target === '/status') return json(200, statusOf(settings, instance, cluster, startedAtMs))
  const answered = target.startsWith('/images') ? await images(cluster.runtime, settings, request) : undefined
  return answered ?? json(404, { error: `unknown request ${method} ${target}: ${otherVersion}` })
}

async function images(
  runtime: RunningCluster['runtime'],
  settings: Settings,
  request: HttpRequest,
): Promise<HttpResponse | undefined> {
  if (runtime?.images !== undefined) return imageApi(runtime, request)
  const answered = runtime === undefined ? undefined : await runtimeImageApi(runtime, settings.runtime, request)
  if (answered !== undefined) return answered
  await readToEnd(request)
  return json(409, { error: runtime === undefined ? noImages : othersImages(runtime.name) })
}

const noImages = 'simulated nodes run no containers and hold no images'
const otherVersion = 'is the cluster process of another version? `coracle down` and `up` again'

function statusOf(settings: Settings, { name }: Instance, cluster: RunningCluster, startedAtMs: number): DaemonStatus {
  const nodes = cluster.informers.of(kinds.nodes).list()
  const pods = cluster.informers.of(kinds.pods).list()
  return {
    name,
    pid: process.pid,
    version: cluster.version,
    server: cluster.server,
    startedAt: new Date(startedAtMs).toISOString(),
    memoryBytes: process.memoryUsage.rss(),
    simulatedNodes: settings.simulatedNodes,
    realNodes: settings.nodes,
    nodes: nodes.map((node) => ({ name: node.metadata.name, ready: isNodeReady(node) })),
    pods: { total: pods.length, running: pods.filter(({ status }) => status.phase === 'Running').length },
  }
}
