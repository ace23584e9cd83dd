// Defaults of pods and of everything within pod templates: k8s.io/kubernetes pkg/apis/core/v1 defaults and conversions.
import type { JsonObject } from '../json-value.ts'
import { defaultPullPolicy } from './image-tag.ts'
import { defaultPodResources } from './pod-resources.ts'
import { fill, filling, inSpec, isUnset, listAt, mapSame, type Rule, structAt, withField } from './rule.ts'

/** Permissions of files in volumes, 0644. */
const fileMode = 0o644

function container(struct: JsonObject): JsonObject {
  return fill(struct, {
    imagePullPolicy: defaultPullPolicy(struct.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
}

/** Only in pods, not in templates: requests follow limits, service links are on, host ports follow container ports. */
function pod(spec: JsonObject): JsonObject {
  const withRequests = eachContainer(spec, requestLimits)
  const withPodRequests = defaultPodResources(withRequests)
  const withLinks = fill(withPodRequests, { enableServiceLinks: true })
  const ports = withLinks.hostNetwork === true ? eachContainer(withLinks, hostPorts) : withLinks
  // Older clients knew negative grace periods; the API server answers with 1.
  const grace = ports.terminationGracePeriodSeconds
  return typeof grace === 'number' && grace < 0 ? { ...ports, terminationGracePeriodSeconds: 1 } : ports
}

function eachContainer(spec: JsonObject, rule: Rule): JsonObject {
  let result = spec
  for (const field of ['containers', 'initContainers']) {
    const containers = listAt(spec, field)
    if (containers.length > 0) result = withField(result, field, mapSame(containers, rule))
  }
  return result
}

function requestLimits(struct: JsonObject): JsonObject {
  const resources = structAt(struct, 'resources')
  const limits = structAt(resources, 'limits')
  if (Object.keys(limits).length === 0) return struct
  const requests = fill(structAt(resources, 'requests'), limits)
  return requests === resources.requests ? struct : { ...struct, resources: { ...resources, requests } }
}

function hostPorts(struct: JsonObject): JsonObject {
  const ports = listAt(struct, 'ports')
  const mapped = mapSame(ports, (port) =>
    port.hostPort === undefined ? { ...port, hostPort: port.containerPort } : port,
  )
  return ports.length === 0 ? struct : withField(struct, 'ports', mapped)
}

function podSpec(struct: JsonObject): JsonObject {
  const filled = fill(struct, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  })
  // serviceAccount is the old name of serviceAccountName: both are kept the same.
  const name = isUnset(filled.serviceAccountName) ? filled.serviceAccount : filled.serviceAccountName
  if (isUnset(name)) return filled
  return withField(withField(filled, 'serviceAccountName', name), 'serviceAccount', name)
}

function volume(struct: JsonObject): JsonObject {
  const hasSource = Object.keys(struct).some((key) => key !== 'name')
  return hasSource ? struct : { ...struct, emptyDir: {} }
}

function imageVolume(struct: JsonObject): JsonObject {
  return fill(struct, { pullPolicy: defaultPullPolicy(struct.reference) })
}

/** podIP and the first of podIPs are the same; where they differ podIP is right. */
function podStatus(struct: JsonObject): JsonObject {
  const [first] = listAt(struct, 'podIPs')
  if (isUnset(struct.podIP)) return first === undefined ? struct : withField(struct, 'podIP', first.ip)
  return first?.ip === struct.podIP ? struct : { ...struct, podIPs: [{ ip: struct.podIP }] }
}

const probe: Rule = (struct) => {
  const { timeoutSeconds, periodSeconds, successThreshold, failureThreshold } = struct
  if (timeoutSeconds && periodSeconds && successThreshold && failureThreshold) return struct
  return {
    ...struct,
    timeoutSeconds: timeoutSeconds || 1,
    periodSeconds: periodSeconds || 10,
    successThreshold: successThreshold || 1,
    failureThreshold: failureThreshold || 3,
  }
}

const claimSpec = filling({ volumeMode: 'Filesystem' })

export const podRules: Readonly<Record<string, Rule>> = {
  'io.k8s.api.core.v1.Pod': inSpec(pod),
  'io.k8s.api.core.v1.PodSpec': podSpec,
  'io.k8s.api.core.v1.PodStatus': podStatus,
  'io.k8s.api.core.v1.Container': container,
  'io.k8s.api.core.v1.EphemeralContainer': container,
  'io.k8s.api.core.v1.Probe': probe,
  'io.k8s.api.core.v1.HTTPGetAction': filling({ path: '/', scheme: 'HTTP' }),
  'io.k8s.api.core.v1.ObjectFieldSelector': filling({ apiVersion: 'v1' }),
  'io.k8s.api.core.v1.Volume': volume,
  'io.k8s.api.core.v1.ImageVolumeSource': imageVolume,
  // The empty type is a value of its own (no check), and is written.
  'io.k8s.api.core.v1.HostPathVolumeSource': (struct) => (struct.type === undefined ? { ...struct, type: '' } : struct),
  'io.k8s.api.core.v1.SecretVolumeSource': filling({ defaultMode: fileMode }),
  'io.k8s.api.core.v1.ConfigMapVolumeSource': filling({ defaultMode: fileMode }),
  'io.k8s.api.core.v1.DownwardAPIVolumeSource': filling({ defaultMode: fileMode }),
  'io.k8s.api.core.v1.ProjectedVolumeSource': filling({ defaultMode: fileMode }),
  'io.k8s.api.core.v1.ServiceAccountTokenProjection': filling({ expirationSeconds: 3600 }),
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec': claimSpec,
}
