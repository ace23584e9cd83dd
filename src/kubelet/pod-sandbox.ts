import { kinds } from '../api/kinds.ts'
import { fail, type Result } from '../api/result.ts'
import type { Sandbox, SandboxSpec } from '../runtime/pod-runtime.ts'
import { podCgroup } from './pod-cgroup.ts'
import type { KubeletPod } from './pod-containers.ts'
import { hostsFile, kernelHostname, podHostname } from './pod-names.ts'
import type { PodParts } from './pod-parts.ts'
import { podDirectory } from './pod-paths.ts'
import { formatResolvConf, parseResolvConf, podResolver } from './resolv-conf.ts'

/** Makes the pod's sandbox; the files that its containers share are written with its addresses. */
export async function runSandbox(parts: PodParts, pod: KubeletPod, attempt: number): Promise<Result<Sandbox, string>> {
  const { runtime, config } = parts.deps
  if (pod.spec.hostUsers === false)
    return fail("can't set `spec.hostUsers: false`, runtime does not support user namespaces")
  const fault = await handlerFault(parts, pod)
  if (fault !== undefined) return fail(fault)
  await writeResolvConf(parts, pod)
  const made = await runtime.runSandbox(sandboxSpec(pod, attempt, config.clusterDomain))
  if (!made.ok) return fail(made.error.message)
  return made
}

/** Handlers of runtime classes that this engine is: its own default, and the OCI runtimes that it drives. */
const handlers = ['', 'runc', 'crun']

/** Why the pod's runtime class cannot be run here, in the words of the original and of containerd. */
async function handlerFault({ deps }: PodParts, { spec }: KubeletPod): Promise<string | undefined> {
  const { runtimeClassName = '' } = spec
  if (runtimeClassName === '') return undefined
  const found = await deps.client.get(kinds.runtimeClasses, runtimeClassName)
  const name = JSON.stringify(runtimeClassName)
  if (!found.ok) return `runtimeclass.node.k8s.io ${name} not found`
  const { handler } = found.value
  if (handlers.includes(handler)) return undefined
  return `failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured`
}

export function sandboxSpec(pod: KubeletPod, attempt: number, clusterDomain: string): SandboxSpec {
  const { name, namespace = '', uid } = pod.metadata
  const sysctls = pod.spec.securityContext?.sysctls ?? []
  return {
    pod: { name, namespace, uid },
    attempt,
    hostname: kernelHostname(pod, clusterDomain),
    hostNetwork: pod.spec.hostNetwork ?? false,
    ...(pod.spec.hostIPC ? { hostIpc: true } : {}),
    ...processesOf(pod),
    cgroupParent: podCgroup(pod),
    // A slash may stand for the dot between names.
    sysctls: Object.fromEntries(sysctls.map((sysctl) => [dotted(sysctl.name), sysctl.value])),
    portMappings: portMappings(pod),
  }
}

function processesOf({ spec }: KubeletPod): Pick<SandboxSpec, 'processes'> {
  if (spec.hostPID) return { processes: 'node' }
  return spec.shareProcessNamespace ? { processes: 'pod' } : {}
}

function dotted(name: string): string {
  const slash = name.indexOf('/')
  const dot = name.indexOf('.')
  if (slash < 0 || (dot >= 0 && dot < slash)) return name
  return name.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'))
}

function portMappings({ spec }: KubeletPod): SandboxSpec['portMappings'] {
  const containers = [
    ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
    ...spec.containers,
  ]
  return containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort = 0, containerPort, protocol = 'TCP', hostIP }) => {
      if (hostPort === 0 || (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP')) return []
      return [{ hostPort, containerPort, protocol, ...(hostIP ? { hostIp: hostIP } : {}) } as const]
    })
}

async function writeResolvConf(parts: PodParts, pod: KubeletPod): Promise<void> {
  const { disk, config } = parts.deps
  const { clusterDnsIp, clusterDomain } = config
  const host = parseResolvConf(await hostFile(parts, 'resolvConf'))
  const { resolver, warnings } = podResolver({ pod, host, clusterDnsIp, clusterDomain })
  for (const warning of warnings) parts.events.pod(pod, 'Warning', 'DNSConfigForming', warning)
  const directory = podDirectory(config.rootDirectory, pod.metadata.uid)
  await disk.makeDirectory(directory, 0o750)
  await disk.writeFile(`${directory}/resolv.conf`, new TextEncoder().encode(formatResolvConf(resolver)))
}

/** /etc/hosts and /etc/hostname, once the addresses are known. An engine that keeps these files mounted sees them change in place. */
export async function writeNameFiles(parts: PodParts, pod: KubeletPod, podIps: readonly string[]): Promise<void> {
  const { disk, config } = parts.deps
  const directory = podDirectory(config.rootDirectory, pod.metadata.uid)
  const { hostname } = podHostname(pod, config.clusterDomain)
  const hosts = hostsFile(pod, podIps, config.clusterDomain, pod.spec.hostNetwork ? await hostFile(parts, 'hosts') : '')
  const text = new TextEncoder()
  await disk.makeDirectory(directory, 0o750)
  await disk.writeFile(`${directory}/etc-hosts`, text.encode(hosts))
  const name = pod.spec.hostNetwork ? config.nodeName : hostname
  await disk.writeFile(`${directory}/hostname`, text.encode(`${name}\n`))
}

/** Empty where the node has no such file. */
async function hostFile({ deps }: PodParts, which: 'resolvConf' | 'hosts'): Promise<string> {
  const paths = deps.config.hostFiles ?? { resolvConf: '/etc/resolv.conf', hosts: '/etc/hosts' }
  const content = await deps.disk.readFile(paths[which]).catch(() => new Uint8Array())
  return new TextDecoder().decode(content)
}
