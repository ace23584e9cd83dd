import { nodeIdAnnotation } from '../../api/csi.ts'
import { isJsonObject } from '../../api/json-value.ts'
import type { CSINode, CSINodeDriver, Status } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { ok, type Result } from '../../api/result.ts'
import type { nodeGetInfoResponse } from '../../api/rpc/csi.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import type { Client } from '../../client/client.ts'

type NodeInfo = Received<typeof nodeGetInfoResponse>

const attempts = 5

/** Tells others by the CSINode, and the Node's labels and annotation, what the driver calls this node and where volumes can be reached from. */
export async function addCsiDriver(
  client: Client,
  nodeName: string,
  driver: string,
  info: NodeInfo,
): Promise<string | undefined> {
  const { nodeId, maxVolumesPerNode, accessibleTopology } = info
  const segments = accessibleTopology?.segments ?? {}
  const marked = await markNode(client, nodeName, driver, nodeId, segments)
  if (marked !== undefined) return marked
  const topologyKeys = Object.keys(segments).sort()
  const entry: CSINodeDriver = {
    name: driver,
    nodeID: nodeId,
    ...(topologyKeys.length === 0 ? {} : { topologyKeys }),
    ...(maxVolumesPerNode > 0 ? { allocatable: { count: maxVolumesPerNode } } : {}),
  }
  return changeCsiNode(client, nodeName, (drivers) => [...drivers.filter(({ name }) => name !== driver), entry])
}

export async function removeCsiDriver(client: Client, nodeName: string, driver: string): Promise<string | undefined> {
  const failed = await changeCsiNode(client, nodeName, (drivers) => drivers.filter(({ name }) => name !== driver))
  return failed ?? markNode(client, nodeName, driver, undefined, {})
}

/** The CSINode that every node has, with the drivers that it has now. */
export async function changeCsiNode(
  client: Client,
  nodeName: string,
  change: (drivers: readonly CSINodeDriver[]) => readonly CSINodeDriver[],
): Promise<string | undefined> {
  let refused: Status | undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    const known = await getOrMake(client, nodeName)
    if (!known.ok) refused = known.error
    else {
      // None are shown as null.
      const before = known.value.spec.drivers ?? []
      const drivers = change(before)
      if (JSON.stringify(drivers) === JSON.stringify(before)) return undefined
      const written = await client.update<CSINode>(kinds.csiNodes, { ...known.value, spec: { drivers } })
      if (written.ok) return undefined
      refused = written.error
    }
    if (refused.code !== 409) break
  }
  return `error updating CSINode: ${refused?.message ?? 'refused'}`
}

/** It goes with its node. */
async function getOrMake(client: Client, nodeName: string): Promise<Result<Stored<CSINode>, Status>> {
  const known = await client.get(kinds.csiNodes, nodeName)
  if (known.ok || known.error.code !== 404) return known
  const node = await client.get(kinds.nodes, nodeName)
  if (!node.ok) return node
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.value.metadata.uid }
  const made = await client.create(kinds.csiNodes, {
    metadata: { name: nodeName, ownerReferences: [owner] },
    spec: { drivers: [] },
  })
  return made.ok ? ok(made.value) : made
}

async function markNode(
  client: Client,
  nodeName: string,
  driver: string,
  nodeId: string | undefined,
  labels: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const node = await client.get(kinds.nodes, nodeName)
  if (!node.ok) return `error updating Node: ${node.error.message ?? 'refused'}`
  const { metadata } = node.value
  const clash = Object.entries(labels).find(([key, value]) => (metadata.labels?.[key] ?? value) !== value)
  if (clash !== undefined) {
    const [key, value] = clash
    return `detected topology value collision: driver reported ${JSON.stringify(key)}:${JSON.stringify(value)} but existing label is ${JSON.stringify(key)}:${JSON.stringify(metadata.labels?.[key])}`
  }
  const ids = nodeIds(metadata.annotations?.[nodeIdAnnotation])
  if (nodeId === undefined) delete ids[driver]
  else ids[driver] = nodeId
  const value = Object.keys(ids).length === 0 ? null : JSON.stringify(ids)
  const body = { metadata: { labels, annotations: { [nodeIdAnnotation]: value } } }
  const patched = await client.patch(kinds.nodes, nodeName, undefined, { type: 'merge', body })
  return patched.ok ? undefined : `error updating Node: ${patched.error.message ?? 'refused'}`
}

/** What somebody has made into something else is begun anew. */
function nodeIds(annotation = '{}'): Record<string, string> {
  try {
    const ids: unknown = JSON.parse(annotation)
    return isJsonObject(ids) ? { ...(ids as Record<string, string>) } : {}
  } catch {
    return {}
  }
}
