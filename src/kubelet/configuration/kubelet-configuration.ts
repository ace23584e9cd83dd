import { assert } from '../../api/assert.ts'
import { fields, list, type Shape } from '../../api/config-shape.ts'
import { parseGoDuration } from '../../api/go-duration.ts'
import type { Taint } from '../../api/kinds.generated.ts'
import type { TopologyPolicy } from '../topology/topology-hints.ts'

type Amounts = Readonly<Record<string, string>>

/**
 * kubelet.config.k8s.io/v1beta1 KubeletConfiguration, as far as it is heeded here. All fields are there, in the form that they have in a
 * file; durations are Go's ('1m30s').
 */
export type KubeletConfiguration = Readonly<{
  /** '' is the node's own address. */
  address: string
  port: number
  authentication: Readonly<{
    anonymous: Readonly<{ enabled: boolean }>
    webhook: Readonly<{ enabled: boolean; cacheTTL: string }>
  }>
  authorization: Readonly<{
    mode: string
    webhook: Readonly<{ cacheAuthorizedTTL: string; cacheUnauthorizedTTL: string }>
  }>
  /** A folder of manifests; '' is none. */
  staticPodPath: string
  fileCheckFrequency: string
  nodeStatusUpdateFrequency: string
  nodeStatusReportFrequency: string
  nodeStatusMaxImages: number
  registerWithTaints: readonly Taint[]
  maxPods: number
  /** 0 is no bound besides maxPods. */
  podsPerCore: number
  /** Negative: no limit. */
  podPidsLimit: number
  systemReserved: Amounts
  kubeReserved: Amounts
  enforceNodeAllocatable: readonly string[]
  evictionHard: Amounts
  evictionSoft: Amounts
  evictionSoftGracePeriod: Amounts
  evictionMinimumReclaim: Amounts
  evictionMaxPodGracePeriod: number
  evictionPressureTransitionPeriod: string
  mergeDefaultEvictionSettings: boolean
  imageGCHighThresholdPercent: number
  imageGCLowThresholdPercent: number
  imageMinimumGCAge: string
  /** '0s': images are never too old. */
  imageMaximumGCAge: string
  containerLogMaxSize: string
  containerLogMaxFiles: number
  containerLogMonitorInterval: string
  shutdownGracePeriod: string
  shutdownGracePeriodCriticalPods: string
  shutdownGracePeriodByPodPriority: readonly Readonly<{ priority: number; shutdownGracePeriodSeconds: number }>[]
  /** 'none' or 'static' */
  cpuManagerPolicy: string
  cpuManagerPolicyOptions: Readonly<Record<string, string>>
  cpuManagerReconcilePeriod: string
  /** '0-1'; they count as systemReserved.cpu. */
  reservedSystemCPUs: string
  topologyManagerPolicy: TopologyPolicy
  /** 'container' or 'pod' */
  topologyManagerScope: string
  topologyManagerPolicyOptions: Readonly<Record<string, string>>
  userNamespaces: Readonly<{ idsPerPod: number }>
}>

const amounts: Shape = { map: 'string' }

export const configurationShapes: Readonly<Record<keyof KubeletConfiguration, Shape>> = {
  address: 'string',
  port: 'number',
  authentication: fields({
    anonymous: fields({ enabled: 'boolean' }),
    webhook: fields({ enabled: 'boolean', cacheTTL: 'string' }),
  }),
  authorization: fields({
    mode: 'string',
    webhook: fields({ cacheAuthorizedTTL: 'string', cacheUnauthorizedTTL: 'string' }),
  }),
  staticPodPath: 'string',
  fileCheckFrequency: 'string',
  nodeStatusUpdateFrequency: 'string',
  nodeStatusReportFrequency: 'string',
  nodeStatusMaxImages: 'number',
  registerWithTaints: list(fields({ key: 'string', value: 'string', effect: 'string' })),
  maxPods: 'number',
  podsPerCore: 'number',
  podPidsLimit: 'number',
  systemReserved: amounts,
  kubeReserved: amounts,
  enforceNodeAllocatable: list('string'),
  evictionHard: amounts,
  evictionSoft: amounts,
  evictionSoftGracePeriod: amounts,
  evictionMinimumReclaim: amounts,
  evictionMaxPodGracePeriod: 'number',
  evictionPressureTransitionPeriod: 'string',
  mergeDefaultEvictionSettings: 'boolean',
  imageGCHighThresholdPercent: 'number',
  imageGCLowThresholdPercent: 'number',
  imageMinimumGCAge: 'string',
  imageMaximumGCAge: 'string',
  containerLogMaxSize: 'string',
  containerLogMaxFiles: 'number',
  containerLogMonitorInterval: 'string',
  shutdownGracePeriod: 'string',
  shutdownGracePeriodCriticalPods: 'string',
  shutdownGracePeriodByPodPriority: list(fields({ priority: 'number', shutdownGracePeriodSeconds: 'number' })),
  cpuManagerPolicy: 'string',
  cpuManagerPolicyOptions: amounts,
  cpuManagerReconcilePeriod: 'string',
  reservedSystemCPUs: 'string',
  topologyManagerPolicy: 'string',
  topologyManagerScope: 'string',
  topologyManagerPolicyOptions: amounts,
  userNamespaces: fields({ idsPerPod: 'number' }),
}

/** Kubernetes' defaults, but for podPidsLimit: without one, a pod that forks without end takes the whole machine with it. */
export const defaultConfiguration: KubeletConfiguration = {
  address: '',
  port: 10_250,
  authentication: { anonymous: { enabled: false }, webhook: { enabled: true, cacheTTL: '2m0s' } },
  authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
  staticPodPath: '',
  fileCheckFrequency: '20s',
  nodeStatusUpdateFrequency: '10s',
  nodeStatusReportFrequency: '5m0s',
  nodeStatusMaxImages: 50,
  registerWithTaints: [],
  maxPods: 110,
  podsPerCore: 0,
  podPidsLimit: 4096,
  systemReserved: {},
  kubeReserved: {},
  enforceNodeAllocatable: ['pods'],
  evictionHard: {
    'imagefs.available': '15%',
    'imagefs.inodesFree': '5%',
    'memory.available': '100Mi',
    'nodefs.available': '10%',
    'nodefs.inodesFree': '5%',
  },
  evictionSoft: {},
  evictionSoftGracePeriod: {},
  evictionMinimumReclaim: {},
  evictionMaxPodGracePeriod: 0,
  evictionPressureTransitionPeriod: '5m0s',
  mergeDefaultEvictionSettings: false,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: '2m0s',
  imageMaximumGCAge: '0s',
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  containerLogMonitorInterval: '10s',
  shutdownGracePeriod: '0s',
  shutdownGracePeriodCriticalPods: '0s',
  shutdownGracePeriodByPodPriority: [],
  cpuManagerPolicy: 'none',
  cpuManagerPolicyOptions: {},
  cpuManagerReconcilePeriod: '10s',
  reservedSystemCPUs: '',
  topologyManagerPolicy: 'none',
  topologyManagerScope: 'container',
  topologyManagerPolicyOptions: {},
  userNamespaces: { idsPerPod: 65_536 },
}

/** As GET /configz shows it. */
export function shownConfiguration(configuration: KubeletConfiguration): unknown {
  return { ...configuration, kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1' }
}

/** Milliseconds of a duration that has been checked. */
export function durationMs(text: string): number {
  const parsed = parseGoDuration(text)
  assert(parsed.ok, `${text} is a duration`)
  return parsed.value
}
