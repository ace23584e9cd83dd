import { fields, shapeFaults } from '../../api/config-shape.ts'
import { parseGoDuration } from '../../api/go-duration.ts'
import { parseQuantity } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { parseYamlText } from '../../api/yaml-text.ts'
import { parseThresholds } from '../eviction/threshold.ts'
import {
  configurationShapes,
  defaultConfiguration,
  durationMs,
  type KubeletConfiguration,
} from './kubelet-configuration.ts'
import { reservedByName, topologyFaults } from './topology-faults.ts'

const kind = 'KubeletConfiguration'
const apiVersion = 'kubelet.config.k8s.io/v1beta1'

/** A KubeletConfiguration file with the defaults filled in. What is wrong with it is worded as the original's kubelet does. */
export function parseKubeletConfiguration(text: string): Result<KubeletConfiguration, string> {
  const decoded = decode(text)
  if (!decoded.ok) return fail(`failed to decode: ${decoded.error}`)
  const configuration = withDefaults(decoded.value)
  const faults = configurationFaults(configuration)
  if (faults.length === 0) return ok(configuration)
  const all = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`
  return fail(`failed to validate kubelet configuration, error: ${all}`)
}

function decode(text: string): Result<Readonly<Record<string, unknown>>, string> {
  const parsed = parseYamlText(text)
  if (!parsed.ok) return parsed
  const { value, repeatedKeys } = parsed.value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail("Object 'Kind' is missing")
  const { kind: givenKind, apiVersion: givenVersion, ...rest } = value as Readonly<Record<string, unknown>>
  if (givenKind === undefined || givenKind === '') return fail(`Object 'Kind' is missing in '${JSON.stringify(value)}'`)
  if (givenVersion === undefined || givenVersion === '')
    return fail(`Object 'apiVersion' is missing in '${JSON.stringify(value)}'`)
  if (givenKind !== kind || givenVersion !== apiVersion)
    return fail(`no kind ${JSON.stringify(givenKind)} is registered for version ${JSON.stringify(givenVersion)}`)
  const repeated =
    repeatedKeys.length === 0 ? [] : [`yaml: unmarshal errors:\n${repeatedKeys.map((line) => `  ${line}`).join('\n')}`]
  const faults = [...repeated, ...shapeFaults(fields(configurationShapes), rest)]
  return faults.length === 0 ? ok(rest) : fail(`strict decoding error: ${faults.join(', ')}`)
}

/** Objects are filled in field by field, but not maps of amounts: whoever names one threshold means all of them. */
function withDefaults(given: Readonly<Record<string, unknown>>): KubeletConfiguration {
  const filled = merged(defaultConfiguration, given, [
    'authentication',
    'authorization',
    'userNamespaces',
  ]) as KubeletConfiguration
  const { evictionHard, mergeDefaultEvictionSettings, nodeStatusUpdateFrequency } = filled
  return {
    ...filled,
    ...(mergeDefaultEvictionSettings
      ? { evictionHard: { ...defaultConfiguration.evictionHard, ...evictionHard } }
      : {}),
    // As the original: whoever chooses how often is looked means how often is told, too.
    ...(given.nodeStatusUpdateFrequency !== undefined && given.nodeStatusReportFrequency === undefined
      ? { nodeStatusReportFrequency: nodeStatusUpdateFrequency }
      : {}),
    ...reservedByName(filled),
    podPidsLimit: filled.podPidsLimit < 0 ? -1 : filled.podPidsLimit,
  }
}

function merged(standard: object, given: object, deep: readonly string[] | 'all'): Readonly<Record<string, unknown>> {
  const all: Record<string, unknown> = Object.fromEntries(Object.entries(standard))
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue
    const before = all[key]
    const isDeep = (deep === 'all' || deep.includes(key)) && typeof before === 'object' && before !== null
    all[key] = isDeep ? merged(before, value as object, 'all') : value
  }
  return all
}

const durations = [
  'fileCheckFrequency',
  'nodeStatusUpdateFrequency',
  'nodeStatusReportFrequency',
  'evictionPressureTransitionPeriod',
  'imageMinimumGCAge',
  'imageMaximumGCAge',
  'containerLogMonitorInterval',
  'cpuManagerReconcilePeriod',
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
] as const

function configurationFaults(configuration: KubeletConfiguration): readonly string[] {
  const { authentication, authorization } = configuration
  const texts = [
    ...durations.map((field) => configuration[field]),
    authentication.webhook.cacheTTL,
    authorization.webhook.cacheAuthorizedTTL,
    authorization.webhook.cacheUnauthorizedTTL,
  ]
  const badDurations = texts.map(parseGoDuration).flatMap((parsed) => (parsed.ok ? [] : [parsed.error]))
  if (badDurations.length > 0) return badDurations
  const thresholds = parseThresholds(configuration)
  return [
    ...[
      ...imageFaults(configuration),
      ...limitFaults(configuration),
      ...shutdownFaults(configuration),
      ...userFaults(configuration),
      ...topologyFaults(configuration),
    ].map((fault) => `invalid configuration: ${fault}`),
    ...reservedFaults(configuration.systemReserved),
    ...reservedFaults(configuration.kubeReserved),
    ...(thresholds.ok ? [] : [thresholds.error]),
  ]
}

function imageFaults(configuration: KubeletConfiguration): readonly string[] {
  const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = configuration
  const { imageMinimumGCAge: least, imageMaximumGCAge: most } = configuration
  const outside = (percent: number): boolean => percent < 0 || percent > 100
  return chosen([
    [
      outside(high),
      `imageGCHighThresholdPercent (--image-gc-high-threshold) ${high} must be between 0 and 100, inclusive`,
    ],
    [outside(low), `imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} must be between 0 and 100, inclusive`],
    [
      low >= high,
      `imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) ${high}`,
    ],
    [durationMs(least) < 0, `imageMinimumGCAge ${least} must not be negative`],
    [durationMs(most) < 0, `imageMaximumGCAge ${most} must not be negative`],
    [
      durationMs(most) > 0 && durationMs(most) <= durationMs(least),
      `imageMaximumGCAge ${most} must be greater than imageMinimumGCAge ${least}`,
    ],
  ])
}

function limitFaults(configuration: KubeletConfiguration): readonly string[] {
  const { maxPods, podsPerCore, port, nodeStatusMaxImages, containerLogMaxFiles, containerLogMonitorInterval } =
    configuration
  const { enforceNodeAllocatable, authorization, containerLogMaxSize } = configuration
  const size = parseQuantity(containerLogMaxSize)
  return [
    ...chosen([
      [maxPods < 0, `maxPods (--max-pods) ${maxPods} must not be a negative number`],
      [podsPerCore < 0, `podsPerCore (--pods-per-core) ${podsPerCore} must not be a negative number`],
      [port < 1 || port > 65_535, `port (--port) ${port} must be between 1 and 65535, inclusive`],
      [
        nodeStatusMaxImages < -1,
        `nodeStatusMaxImages (--node-status-max-images) ${nodeStatusMaxImages} must be -1 or greater`,
      ],
      [containerLogMaxFiles <= 1, 'containerLogMaxFiles must be greater than 1'],
      [!size.ok, `failed to parse container log max size ${JSON.stringify(containerLogMaxSize)}`],
      [
        durationMs(containerLogMonitorInterval) < 3_000,
        'containerLogMonitorInterval must be a positive time duration greater than or equal to 3s',
      ],
      [
        !['Webhook', 'AlwaysAllow'].includes(authorization.mode),
        `authorization.mode ${JSON.stringify(authorization.mode)} must be "AlwaysAllow" or "Webhook"`,
      ],
      [
        enforceNodeAllocatable.includes('none') && enforceNodeAllocatable.length > 1,
        'enforceNodeAllocatable (--enforce-node-allocatable) may not contain additional enforcements when "none" is specified',
      ],
    ]),
    // The cgroups of the system are not this process' to limit.
    ...enforceNodeAllocatable
      .filter((one) => one !== 'pods' && one !== 'none')
      .map(
        (one) =>
          `option ${JSON.stringify(one)} specified for enforceNodeAllocatable (--enforce-node-allocatable). Valid options are "pods" or "none"`,
      ),
  ]
}

function shutdownFaults(configuration: KubeletConfiguration): readonly string[] {
  const { shutdownGracePeriod: whole, shutdownGracePeriodCriticalPods: critical } = configuration
  const tooShort = (text: string): boolean => durationMs(text) !== 0 && durationMs(text) < 1_000
  return chosen([
    [
      durationMs(critical) > durationMs(whole),
      `shutdownGracePeriodCriticalPods ${critical} must be <= shutdownGracePeriod ${whole}`,
    ],
    [tooShort(whole), `shutdownGracePeriod ${whole} must be either zero or otherwise >= 1 sec`],
    [tooShort(critical), `shutdownGracePeriodCriticalPods ${critical} must be either zero or otherwise >= 1 sec`],
    [
      configuration.shutdownGracePeriodByPodPriority.length > 0 && durationMs(whole) > 0,
      'Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
    ],
  ])
}

function userFaults({ userNamespaces: { idsPerPod } }: KubeletConfiguration): readonly string[] {
  const most = 2 ** 32 - 1
  // The original tells the first only.
  return chosen([
    [idsPerPod < idUnit, `userNamespaces.idsPerPod must not be less than ${idUnit}`],
    [idsPerPod % idUnit !== 0, `userNamespaces.idsPerPod must be a multiple of ${idUnit}`],
    [idsPerPod > most, `userNamespaces.idsPerPod must not be more than ${most}`],
  ]).slice(0, 1)
}

const idUnit = 65_536

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid']

function reservedFaults(amounts: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(amounts).flatMap(([resource, text]) => {
    const name = JSON.stringify(resource)
    if (!reservable.includes(resource)) return [`cannot reserve ${name} resource`]
    const amount = parseQuantity(text)
    if (!amount.ok) return [`failed to parse quantity ${JSON.stringify(text)} for ${name} resource: ${amount.error}`]
    return amount.value.nano < 0n ? [`resource quantity for ${name} cannot be negative: ${text}`] : []
  })
}

function chosen(faults: readonly (readonly [holds: boolean, fault: string])[]): readonly string[] {
  return faults.flatMap(([holds, fault]) => (holds ? [fault] : []))
}
