import type { LifecycleHandler, Probe } from '../kinds.generated.ts'
import {
  type Check,
  containersOf,
  containersWith,
  counted,
  hasUserNamespace,
  named,
  quoted,
  settersOf,
  sortedSet,
} from './check.ts'

const allowedCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

export const capabilities: Check = ({ spec }) => {
  const beyond = (names: readonly string[] | undefined): readonly string[] =>
    (names ?? []).filter((name) => !allowedCapabilities.has(name))
  const bad = containersWith(spec, (context) => beyond(context?.capabilities?.add).length > 0)
  if (bad.length === 0) return undefined
  const added = sortedSet(
    containersOf(spec).flatMap(({ securityContext }) => beyond(securityContext?.capabilities?.add)),
  )
  const detail = `${named('container', bad)} must not include ${quoted(added)} in securityContext.capabilities.add`
  return { reason: 'non-default capabilities', detail }
}

export const hostNamespaces: Check = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true)
  if (shared.length === 0) return undefined
  return { reason: 'host namespaces', detail: shared.map((name) => `${name}=true`).join(', ') }
}

export const hostPathVolumes: Check = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name)
  return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', bad) }
}

export const hostPorts: Check = ({ spec }) => {
  const portsOf = ({ ports = [] }: ReturnType<typeof containersOf>[number]): readonly string[] =>
    ports.filter(({ hostPort = 0 }) => hostPort !== 0).map(({ hostPort }) => String(hostPort))
  const bad = containersWith(spec, (_, container) => portsOf(container).length > 0)
  if (bad.length === 0) return undefined
  const ports = sortedSet(containersOf(spec).flatMap(portsOf))
  const uses = bad.length === 1 ? 'uses' : 'use'
  const detail = `${named('container', bad)} ${uses} ${counted('hostPort', ports.length)} ${ports.join(', ')}`
  return { reason: 'hostPort', detail }
}

/** Since 1.34. */
export const hostProbes: Check = ({ spec }) => {
  const hostsOf = (container: ReturnType<typeof containersOf>[number]): readonly string[] => {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
    const handlers: readonly (Probe | LifecycleHandler | undefined)[] = [
      livenessProbe,
      readinessProbe,
      startupProbe,
      lifecycle?.postStart,
      lifecycle?.preStop,
    ]
    return handlers.flatMap((handler) =>
      [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''].filter((host) => host !== ''),
    )
  }
  const bad = sortedSet(containersWith(spec, (_, container) => hostsOf(container).length > 0))
  if (bad.length === 0) return undefined
  const hosts = sortedSet(containersOf(spec).flatMap(hostsOf))
  const uses = bad.length === 1 ? 'uses' : 'use'
  const detail = `${named('container', bad)} ${uses} ${named('probe or lifecycle host', hosts)}`
  return { reason: 'probe or lifecycle host', detail }
}

export const privileged: Check = ({ spec }) => {
  const bad = containersWith(spec, (context) => context?.privileged === true)
  if (bad.length === 0) return undefined
  return { reason: 'privileged', detail: `${named('container', bad)} must not set securityContext.privileged=true` }
}

export const procMount: Check = ({ spec }) => {
  const isBad = (type: string | undefined): boolean => type !== undefined && type !== 'Default'
  const bad = containersWith(spec, (context) => isBad(context?.procMount))
  if (bad.length === 0) return undefined
  const types = containersOf(spec).map(({ securityContext }) => securityContext?.procMount)
  const shown = quoted(sortedSet(types.filter((type): type is string => isBad(type))))
  return {
    reason: 'procMount',
    detail: `${named('container', bad)} must not set securityContext.procMount to ${shown}`,
  }
}

/** Since 1.35. */
export const procMountOutsideUserNamespaces: Check = (pod) => (hasUserNamespace(pod.spec) ? undefined : procMount(pod))

const selinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t']

/** Of 1.31 `container_engine_t` is allowed, too. */
export function seLinuxOptions(more: readonly string[]): Check {
  const allowed = [...selinuxTypes, ...more]
  return ({ spec }) => {
    const all = [
      spec.securityContext?.seLinuxOptions,
      ...containersOf(spec).map((c) => c.securityContext?.seLinuxOptions),
    ]
    type Options = (typeof all)[number]
    const isBad = (options: Options): boolean => {
      const { type = '', user = '', role = '' } = options ?? {}
      return !allowed.includes(type) || user !== '' || role !== ''
    }
    const setters = settersOf(
      isBad(spec.securityContext?.seLinuxOptions),
      containersWith(spec, (context) => isBad(context?.seLinuxOptions)),
    )
    if (setters.length === 0) return undefined
    const types = sortedSet(all.map((options) => options?.type ?? '').filter((type) => !allowed.includes(type)))
    const what = [
      ...(types.length === 0 ? [] : [named('type', types)]),
      ...(all.some((options) => (options?.user ?? '') !== '') ? ['user may not be set'] : []),
      ...(all.some((options) => (options?.role ?? '') !== '') ? ['role may not be set'] : []),
    ]
    const detail = `${setters.join(' and ')} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`
    return { reason: 'seLinuxOptions', detail }
  }
}

const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
export const sysctlsSince1Dot27 = ['net.ipv4.ip_local_reserved_ports']
export const sysctlsSince1Dot29 = [
  ...sysctlsSince1Dot27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
export const sysctlsSince1Dot32 = [...sysctlsSince1Dot29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

export function safeSysctls(more: readonly string[]): Check {
  const allowed = [...sysctls, ...more]
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name))
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') }
  }
}

export const windowsHostProcess: Check = ({ spec }) => {
  const setters = settersOf(
    spec.securityContext?.windowsOptions?.hostProcess === true,
    containersWith(spec, (context) => context?.windowsOptions?.hostProcess === true),
  )
  if (setters.length === 0) return undefined
  const detail = `${setters.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`
  return { reason: 'hostProcess', detail }
}
