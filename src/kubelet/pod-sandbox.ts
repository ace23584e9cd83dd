import { kinds } from '../api/kinds.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Sandbox, SandboxSpec } from '../runtime/pod-runtime.ts'
import type { KubeletConfig } from './kubelet-config.ts'
import { podCgroup } from './pod-cgroup.ts'
import type { KubeletPod } from './pod-containers.ts'
import { hostsFile, kernelHostname, podHostname } from './pod-names.ts'
import type { PodParts } from './pod-parts.ts'
import { podDirectory, podLogDirectory } from './pod-paths.ts'
import { formatResolvConf, parseResolvConf, podResolver } from './resolv-conf.ts'
import { userNamespaceFault } from './user-ids.ts'

/** Makes the pod's sandbox; the files that its containers share are written with its addresses. */
export async function runSandbox(parts: PodParts, pod: KubeletPod, attempt: number): Promise<Result<Sandbox, string>> {
  const { runtime, config } = parts.deps
  const handler = await runtimeHandler(parts, pod)
  if (!handler.ok) return handler
  const users = await usersOf(parts, pod, handler.value.handler ?? '')
  if (!users.ok) return users
  await writeResolvConf(parts, pod)
  const made = await runtime.runSandbox({ ...sandboxSpec(pod, attempt, config), ...handler.value, ...users.value })
  if (!made.ok) return fail(made.error.message)
  return made
}

async function usersOf(
  { deps, userIds }: PodParts,
  { metadata, spec }: KubeletPod,
  handler: string,
): Promise<Result<Pick<SandboxSpec, 'users'>, string>> {
  if (spec.hostUsers !== false) return ok({})
  const fault = userNamespaceFault(await deps.runtime.status(), handler)
  if (fault !== undefined) return fail(fault)
  const users = await userIds.of(metadata.uid)
  return users.ok ? ok({ users: users.value }) : users
}

/** What the pod's runtime class names. */
async function runtimeHandler(
  { deps }: PodParts,
  { spec }: KubeletPod,
): Promise<Result<Pick<SandboxSpec, 'handler'>, string>> {
  const { runtimeClassName = '' } = spec
  if (runtimeClassName === '') return ok({})
  const found = await deps.client.get(kinds.runtimeClasses, runtimeClassName)
  if (!found.ok) return fail(`runtimeclass.node.k8s.io ${JSON.stringify(runtimeClassName)} not found`)
  return ok({ handler: found.value.handler })
}

export function sandboxSpec(
  pod: KubeletPod,
  attempt: number,
  { clusterDomain, rootDirectory }: Pick<KubeletConfig, 'clusterDomain' | 'rootDirectory'>,
): SandboxSpec {
  const { name, namespace = '', uid, labels = {}, annotations = {} } = pod.metadata
  const sysctls = pod.spec.securityContext?.sysctls ?? []
  return {
    pod: { name, namespace, uid },
    attempt,
    hostname: kernelHostname(pod, clusterDomain),
    hostNetwork: pod.spec.hostNetwork ?? false,
    ...(pod.spec.hostIPC ? { hostIpc: true } : {}),
    ...(isPrivileged(pod) ? { privileged: true } : {}),
    ...processesOf(pod),
    logDirectory: podLogDirectory(rootDirectory, { name, namespace, uid }),
    cgroupParent: podCgroup(pod),
    // A slash may stand for the dot between names.
    sysctls: Object.fromEntries(sysctls.map((sysctl) => [dotted(sysctl.name), sysctl.value])),
    labels,
    annotations,
    portMappings: portMappings(pod),
  }
}

function isPrivileged({ spec }: KubeletPod): boolean {
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  return all.some(({ securityContext }) => securityContext?.privileged)
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
