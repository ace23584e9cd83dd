import type { Service, ServicePort } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'

/** The Service through which every pod finds the API server, whatever namespace it is in. */
const masterService = 'kubernetes'

/**
 * The variables that tell a container where services are, as {NAME}_SERVICE_HOST and docker's links: of all services of the namespace,
 * unless the pod wants no links, and always of the API server.
 */
export function serviceEnv(
  services: readonly Stored<Service>[],
  namespace: string,
  enableServiceLinks: boolean,
): ReadonlyMap<string, string> {
  const chosen = new Map<string, Stored<Service>>()
  for (const service of services) {
    const { clusterIP } = service.spec
    if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') continue
    const { name, namespace: home } = service.metadata
    if (home === 'default' && name === masterService) {
      if (!chosen.has(name)) chosen.set(name, service)
    } else if (home === namespace && enableServiceLinks) chosen.set(name, service)
  }
  const variables = new Map<string, string>()
  for (const service of chosen.values()) addService(variables, service)
  return variables
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase()
}

function addService(variables: Map<string, string>, { metadata, spec }: Stored<Service>): void {
  const prefix = variableName(metadata.name)
  const address = spec.clusterIP ?? ''
  const ports = spec.ports ?? []
  variables.set(`${prefix}_SERVICE_HOST`, address)
  const first = ports[0]
  if (first === undefined) return
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port))
  for (const { name, port } of ports)
    if (name !== undefined && name !== '') variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port))
  variables.set(`${prefix}_PORT`, url(address, first))
  for (const port of ports) addLink(variables, prefix, address, port)
}

function addLink(variables: Map<string, string>, prefix: string, address: string, port: ServicePort): void {
  const protocol = port.protocol ?? 'TCP'
  const link = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`
  variables.set(link, url(address, port))
  variables.set(`${link}_PROTO`, protocol.toLowerCase())
  variables.set(`${link}_PORT`, String(port.port))
  variables.set(`${link}_ADDR`, address)
}

function url(address: string, { port, protocol = 'TCP' }: ServicePort): string {
  const host = address.includes(':') ? `[${address}]` : address
  return `${protocol.toLowerCase()}://${host}:${port}`
}
