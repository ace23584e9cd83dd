import type { HostAlias, PodDNSConfig, PodSpec } from '../kinds.generated.ts'
import { child, type Errors, forbidden, index, invalid, invalidEach, required, tooLong } from './field-error.ts'
import { validateIp } from './ip.ts'
import { dnsSubdomainErrors, searchDomainErrors } from './names.ts'

export function validateDnsConfig(field: string, config: PodDNSConfig | undefined, policy: string | undefined): Errors {
  const { nameservers = [], searches = [], options = [] } = config ?? {}
  if (policy === 'None' && config === undefined) {
    return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  }
  if (policy === 'None' && nameservers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    return [required(child(field, 'nameservers'), detail)]
  }
  const searchesPath = child(field, 'searches')
  return [
    ...(nameservers.length > 3
      ? [invalid(child(field, 'nameservers'), nameservers, 'must not have more than 3 nameservers')]
      : []),
    ...nameservers.flatMap((server, at) => validateIp(index(child(field, 'nameservers'), at), server)),
    ...(searches.length > 32 ? [invalid(searchesPath, searches, 'must not have more than 32 search paths')] : []),
    ...(searches.join(' ').length > 2048
      ? [
          invalid(
            searchesPath,
            searches,
            'must not have more than 2048 characters (including spaces) in the search list',
          ),
        ]
      : []),
    ...searches.flatMap((search, at) => validateSearch(index(searchesPath, at), search)),
    ...options.flatMap(({ name = '' }, at) =>
      name === '' ? [required(index(child(field, 'options'), at), 'must not be empty')] : [],
    ),
  ]
}

function validateSearch(field: string, search: string): Errors {
  if (search === '.') return []
  const domain = search.endsWith('.') ? search.slice(0, -1) : search
  return invalidEach(field, domain, searchDomainErrors(domain))
}

export function validateHostAliases(field: string, aliases: readonly HostAlias[]): Errors {
  return aliases.flatMap(({ ip = '', hostnames = [] }, at) => [
    ...validateIp(child(index(field, at), 'ip'), ip),
    ...hostnames.flatMap((name, own) =>
      invalidEach(index(child(index(field, at), 'hostnames'), own), name, dnsSubdomainErrors(name)),
    ),
  ])
}

/** On the host's network a container port is a host port. A template may still leave the host ports to be filled in. */
export function validateHostPorts(field: string, spec: PodSpec, isPod: boolean): Errors {
  if (spec.hostNetwork !== true) return []
  return (spec.containers ?? []).flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort = 0, containerPort = 0 }, at) => {
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) return []
      const path = child(index(child(index(child(field, 'containers'), container), 'ports'), at), 'hostPort')
      return [invalid(path, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
    }),
  )
}

export function validateHostUsers(field: string, spec: PodSpec): Errors {
  if (spec.hostUsers !== false) return []
  const detail = 'when `hostUsers` is false'
  const groups = [
    ['initContainers', spec.initContainers ?? []],
    ['containers', spec.containers ?? []],
    ['ephemeralContainers', spec.ephemeralContainers ?? []],
  ] as const
  return [
    ...(spec.hostNetwork === true ? [forbidden(child(field, 'hostNetwork'), detail)] : []),
    ...(spec.hostPID === true ? [forbidden(child(field, 'HostPID'), detail)] : []),
    ...(spec.hostIPC === true ? [forbidden(child(field, 'HostIPC'), detail)] : []),
    ...groups.flatMap(([name, containers]) =>
      containers.flatMap(({ volumeDevices = [] }, at) =>
        volumeDevices.length === 0 ? [] : [forbidden(child(index(child(field, name), at), 'volumeDevices'), detail)],
      ),
    ),
  ]
}

export function validateHostnameOverride(field: string, spec: PodSpec): Errors {
  const name = spec.hostnameOverride
  if (name === undefined) return []
  const path = child(field, 'hostnameOverride')
  return [
    ...(spec.setHostnameAsFQDN === true
      ? [forbidden(path, 'may not be specified when setHostnameAsFQDN is true')]
      : []),
    ...(spec.hostNetwork === true ? [forbidden(path, 'may not be specified when hostNetwork is true')] : []),
    ...(name.length > 64 ? [tooLong(path, 64)] : []),
    ...invalidEach(path, name, dnsSubdomainErrors(name)),
  ]
}
