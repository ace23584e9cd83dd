import type { HostAlias } from '../api/kinds.generated.ts'
import type { KubeletPod } from './pod-containers.ts'

/** What a host name may be long: 64 bytes with the ending zero. */
const longestHostname = 63

/** A pod's host name and, with a subdomain, the domain it is in. */
export function podHostname(pod: KubeletPod, clusterDomain: string): Readonly<{ hostname: string; domain: string }> {
  const { hostname, hostnameOverride, subdomain = '' } = pod.spec
  if (hostnameOverride !== undefined) return { hostname: shortened(hostnameOverride), domain: '' }
  const domain = subdomain === '' ? '' : `${subdomain}.${pod.metadata.namespace ?? ''}.svc.${clusterDomain}`
  return { hostname: shortened(hostname === undefined || hostname === '' ? pod.metadata.name : hostname), domain }
}

/** With setHostnameAsFQDN, the full name is what the kernel is told. */
export function kernelHostname(pod: KubeletPod, clusterDomain: string): string {
  const { hostname, domain } = podHostname(pod, clusterDomain)
  return pod.spec.setHostnameAsFQDN && domain !== '' ? `${hostname}.${domain}` : hostname
}

function shortened(name: string): string {
  return name.length <= longestHostname ? name : name.slice(0, longestHostname).replace(/[-.]+$/, '')
}

const header = '# Kubernetes-managed hosts file.\n'
const hostNetworkHeader = '# Kubernetes-managed hosts file (host network).\n'
const fixedEntries =
  '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n' +
  'fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'

/** A pod's /etc/hosts. On the host's network it is the host's own file and the aliases. */
export function hostsFile(pod: KubeletPod, podIps: readonly string[], clusterDomain: string, hostFile: string): string {
  const aliases = aliasEntries(pod.spec.hostAliases ?? [])
  if (pod.spec.hostNetwork) return `${hostNetworkHeader}${hostFile}${aliases}`
  const { hostname, domain } = podHostname(pod, clusterDomain)
  const names = domain === '' ? hostname : `${hostname}.${domain}\t${hostname}`
  return `${header}${fixedEntries}${podIps.map((ip) => `${ip}\t${names}\n`).join('')}${aliases}`
}

function aliasEntries(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return ''
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`)
  return `\n# Entries added by HostAliases.\n${lines.join('')}`
}
