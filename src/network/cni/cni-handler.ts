import type { HttpHandler, HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { PodNetwork } from '../../runtime/pod-network.ts'
import type { SandboxSpec } from '../../runtime/pod-runtime.ts'
import type { CniRecords } from './cni-records.ts'

type PortMappings = SandboxSpec['portMappings']

const largestConfigBytes = 1 << 20
/** Of the CNI specification: 4 is an environment that makes no sense, 6 a configuration that does not, 11 'try again later'. */
const codes = { environment: 4, configuration: 6, unknownContainer: 3, failed: 100 } as const

/** The CNI specification's operations (1.0.0), as the plugin's program passes them on: ADD, DEL and CHECK. */
export function cniHandler(network: PodNetwork, records: CniRecords): HttpHandler {
  return async (request) => {
    const command = request.target.slice(1)
    const id = request.headers['cni-containerid'] ?? ''
    const netns = request.headers['cni-netns'] ?? ''
    if (!/^[\w.-]+$/.test(id)) return refusal(codes.environment, `CNI_CONTAINERID is "${id}"`)
    switch (command) {
      case 'ADD':
        return add(network, records, request, id, netns)
      case 'DEL': {
        const detached = await network.detach(id, netns)
        if (!detached.ok) return refusal(codes.failed, detached.error.message)
        await records.remove(id)
        return answer(200, '')
      }
      case 'CHECK':
        return records.has(id) ? answer(200, '') : refusal(codes.unknownContainer, `${id} is not attached`)
      default:
        return refusal(codes.environment, `unknown CNI_COMMAND: ${command}`)
    }
  }
}

async function add(
  network: PodNetwork,
  records: CniRecords,
  request: HttpRequest,
  id: string,
  netns: string,
): Promise<HttpResponse> {
  const name = request.headers['cni-ifname'] ?? ''
  if (name !== 'eth0' || netns === '')
    return refusal(codes.environment, `eth0 in a network namespace is what there is, not ${name} in "${netns}"`)
  const portMappings = await mappingsOf(request)
  if (portMappings === undefined) return refusal(codes.configuration, 'the network configuration makes no sense')
  // Before there is anything to be found again.
  await records.put(id, { netns, portMappings })
  const attached = await network.attach(id, netns, portMappings)
  if (!attached.ok) {
    await records.remove(id)
    return refusal(codes.failed, attached.error.message)
  }
  const { ips } = attached.value
  return answer(
    200,
    JSON.stringify({
      cniVersion: '1.0.0',
      interfaces: [{ name, sandbox: netns }],
      ips: ips.map((address) => ({ interface: 0, address: `${address}/32` })),
    }),
  )
}

async function mappingsOf({ body }: HttpRequest): Promise<PortMappings | undefined> {
  const bytes = await body.bytes(largestConfigBytes)
  if (!bytes.ok) return undefined
  try {
    const config = JSON.parse(new TextDecoder().decode(bytes.value)) as Config
    return (config.runtimeConfig?.portMappings ?? []).flatMap(mappingOf)
  } catch {
    return undefined
  }
}

type Config = Readonly<{ runtimeConfig?: Readonly<{ portMappings?: readonly Readonly<Record<string, unknown>>[] }> }>

/** containerd writes 'HostPort' for 'hostPort', and plugins in Go do not mind. */
function mappingOf(written: Readonly<Record<string, unknown>>): PortMappings {
  const fields = new Map(Object.entries(written).map(([name, value]) => [name.toLowerCase(), value]))
  const protocol = String(fields.get('protocol')).toUpperCase()
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') return []
  const [hostPort, containerPort] = [Number(fields.get('hostport')), Number(fields.get('containerport'))]
  const hostIp = String(fields.get('hostip') ?? '')
  return [{ hostPort, containerPort, protocol, ...(hostIp === '' ? {} : { hostIp }) }]
}

function answer(status: number, text: string): HttpResponse {
  const headers = { 'content-type': 'application/json' }
  return { type: 'whole', status, headers, body: new TextEncoder().encode(text) }
}

function refusal(code: number, msg: string): HttpResponse {
  return answer(500, JSON.stringify({ cniVersion: '1.0.0', code, msg }))
}
