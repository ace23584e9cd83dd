import type {
  CronJob,
  CSIDriver,
  CSIStorageCapacity,
  EndpointSlice,
  Endpoints,
  Ingress,
  Job,
  JobSpec,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PodTemplateSpec,
  ResourceQuota,
  ResourceSlice,
  RuntimeClass,
  Service,
  StatefulSet,
  StorageClass,
} from '../kinds.generated.ts'
import { groupResource, type Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { compareQuantities, formatQuantity } from '../quantity.ts'
import { child, index, isUnset } from '../validation/field-error.ts'
import { dnsLabelErrors } from '../validation/names.ts'
import { parsed } from '../validation/resources.ts'
import { deprecatedLabel, type Warnings } from './field-warnings.ts'
import { cidrWarnings } from './ip-warnings.ts'
import {
  addressTypeWarnings,
  each,
  endpointSliceWarnings,
  endpointsWarnings,
  ingressWarnings,
  loadBalancerWarnings,
  networkPolicyWarnings,
  serviceWarnings,
} from './network-warnings.ts'
import { podWarnings } from './pod-warnings.ts'
import { capacityWarnings, csiDriverWarnings, driverNameWarnings, storageClassWarnings } from './storage-warnings.ts'
import { claimSpecWarnings, claimWarnings, persistentVolumeWarnings } from './volume-warnings.ts'

type Rule = Readonly<{
  create: (object: ApiObject) => Warnings
  /** Absent: an update is not looked at. */
  update?: (object: ApiObject, before: ApiObject) => Warnings
  /** Of a change through .../status. */
  status?: (object: ApiObject) => Warnings
}>

const staticSuffix = '.static.k8s.io'
const staticName: Rule = always(({ metadata: { name = '' } }) =>
  name.endsWith(staticSuffix)
    ? [
        `metadata.name: names ending with ${JSON.stringify(staticSuffix)} are reserved for static manifest-based configurations and cannot be managed via the API`,
      ]
    : [],
)

/** What the registry strategies of Kubernetes 1.36 warn of. */
const rules: Readonly<Record<string, Rule>> = {
  pods: { create: (pod) => podWarnings('', pod as PodTemplateSpec) },
  podtemplates: ofTemplate('template', ({ template }) => template),
  replicationcontrollers: ofTemplate('spec.template', specTemplate, nameWarnings),
  'replicasets.apps': ofTemplate('spec.template', specTemplate, nameWarnings),
  'deployments.apps': ofTemplate('spec.template', specTemplate, nameWarnings),
  'daemonsets.apps': ofTemplate('spec.template', specTemplate),
  'statefulsets.apps': statefulSetRule(),
  'jobs.batch': {
    create: (job) => [...nameWarnings(job), ...jobSpecWarnings('spec', (job as Job).spec)],
    update: (job, before) => ifChanged(job, before, jobSpecWarnings('spec', (job as Job).spec)),
  },
  'cronjobs.batch': cronJobRule(),
  services: {
    ...always((service) => serviceWarnings(service as Service)),
    status: (service) => loadBalancerWarnings(service as Service),
  },
  endpoints: always((endpoints) => endpointsWarnings(endpoints as Endpoints)),
  'endpointslices.discovery.k8s.io': {
    create: (slice) => [
      ...addressTypeWarnings(slice as EndpointSlice),
      ...endpointSliceWarnings(slice as EndpointSlice),
    ],
    update: (slice) => endpointSliceWarnings(slice as EndpointSlice),
  },
  'ingresses.networking.k8s.io': {
    create: (ingress) => ingressWarnings(ingress as Ingress),
    status: (ingress) => loadBalancerWarnings(ingress as Ingress),
  },
  'networkpolicies.networking.k8s.io': always((policy) => networkPolicyWarnings(policy as NetworkPolicy)),
  nodes: always((node) => nodeWarnings(node as Node)),
  serviceaccounts: {
    create: (account) => mountableWarnings(account),
    update: (account, before) => (mountableWarnings(before).length > 0 ? [] : mountableWarnings(account)),
  },
  'storageclasses.storage.k8s.io': always((storageClass) => storageClassWarnings(storageClass as StorageClass)),
  'csistoragecapacities.storage.k8s.io': always((capacity) => capacityWarnings(capacity as CSIStorageCapacity)),
  'csidrivers.storage.k8s.io': {
    create: (driver) => csiDriverWarnings(driver as CSIDriver),
    update: (driver, before) => csiDriverWarnings(driver as CSIDriver, before as CSIDriver),
  },
  'resourceslices.resource.k8s.io': always((slice) => driverNameWarnings(slice as unknown as ResourceSlice)),
  'validatingadmissionpolicies.admissionregistration.k8s.io': staticName,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': staticName,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': staticName,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': staticName,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': staticName,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': staticName,
  resourcequotas: { create: (quota) => quotaWarnings(quota as ResourceQuota) },
  persistentvolumes: always((volume) => persistentVolumeWarnings(volume as PersistentVolume)),
  persistentvolumeclaims: always((claim) => claimWarnings(claim as PersistentVolumeClaim)),
  'runtimeclasses.node.k8s.io': always((runtime) => runtimeClassWarnings(runtime as unknown as RuntimeClass)),
}

/** Of an object that is allowed. */
export function warningsOnCreate(kind: Pick<Kind, 'group' | 'plural'>, object: ApiObject): Warnings {
  return rules[groupResource(kind)]?.create(object) ?? []
}

/** Of a change through the main path. */
export function warningsOnUpdate(kind: Pick<Kind, 'group' | 'plural'>, object: ApiObject, before: ApiObject): Warnings {
  return rules[groupResource(kind)]?.update?.(object, before) ?? []
}

export function warningsOnStatus(kind: Pick<Kind, 'group' | 'plural'>, object: ApiObject): Warnings {
  return rules[groupResource(kind)]?.status?.(object) ?? []
}

function always(warn: (object: ApiObject) => Warnings): Rule {
  return { create: warn, update: warn }
}

function ifChanged({ metadata }: ApiObject, before: ApiObject, warnings: Warnings): Warnings {
  return metadata.generation === before.metadata.generation ? [] : warnings
}

function specTemplate({ spec }: ApiObject): unknown {
  return (spec as Readonly<{ template?: unknown }> | undefined)?.template
}

function ofTemplate(
  field: string,
  templateOf: (object: ApiObject) => unknown,
  more: (object: ApiObject) => Warnings = () => [],
): Rule {
  const warn = (object: ApiObject): Warnings => podWarnings(field, (templateOf(object) ?? {}) as PodTemplateSpec)
  return {
    create: (object) => [...more(object), ...warn(object)],
    update: (object, before) => ifChanged(object, before, warn(object)),
  }
}

function nameWarnings({ metadata: { name = '' } }: ApiObject): Warnings {
  const errors = dnsLabelErrors(name)
  if (errors.length === 0) return []
  const use =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'
  return [`${use}: [${errors.join(' ')}]`]
}

function statefulSetRule(): Rule {
  const warn = (object: ApiObject, specField: string): Warnings => {
    const { volumeClaimTemplates = [], revisionHistoryLimit = 0 } = (object as StatefulSet).spec ?? {}
    const kept =
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'
    return [
      ...volumeClaimTemplates.flatMap(({ spec = {} }, at) =>
        claimSpecWarnings(`${index('spec.volumeClaimTemplates', at)}${specField}`, spec),
      ),
      ...(revisionHistoryLimit < 0 ? [kept] : []),
    ]
  }
  const template = ofTemplate('spec.template', specTemplate)
  return {
    create: (object) => [...template.create(object), ...warn(object, '')],
    // The original names the field so on updates.
    update: (object, before) => [...(template.update?.(object, before) ?? []), ...warn(object, '.Spec')],
  }
}

function jobSpecWarnings(field: string, spec: JobSpec | undefined): Warnings {
  const { completionMode, completions = 0, parallelism = 0, template = {} } = spec ?? {}
  const isHuge = completionMode === 'Indexed' && completions > 100_000 && parallelism > 10_000
  const message =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to ' +
    'track completedIndexes when a big number of indexes fail'
  return [...(isHuge ? [`${field}: ${message}`] : []), ...podWarnings(child(field, 'template'), template)]
}

function cronJobRule(): Rule {
  const field = 'spec.jobTemplate.spec'
  const warn = (object: ApiObject): Warnings => jobSpecWarnings(field, (object as CronJob).spec?.jobTemplate?.spec)
  const zoned =
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ' +
    'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'
  return {
    create: (object) => [...nameWarnings(object), ...warn(object)],
    update: (object, before) => [
      ...ifChanged(object, before, warn(object)),
      ...((object as CronJob).spec?.schedule?.includes('TZ') ? [zoned] : []),
    ],
  }
}

function quotaWarnings({ spec }: ResourceQuota): Warnings {
  const hard = spec?.hard ?? {}
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const short = (name === 'cpu' || name === 'memory') && hard[`requests.${name}`] === undefined
    const requestName = short ? name : `requests.${name}`
    const [request, limit] = [hard[requestName], hard[`limits.${name}`]]
    if (request === undefined || limit === undefined) return []
    const [asked, most] = [parsed(request), parsed(limit)]
    if (compareQuantities(asked, most) <= 0) return []
    const amounts = `${requestName} (${formatQuantity(asked)}) should be less than limits.${name} (${formatQuantity(most)})`
    return [`ResourceQuota ${amounts}`]
  })
}

function nodeWarnings({ spec }: Node): Warnings {
  return [
    ...(isUnset(spec?.configSource) ? [] : ['spec.configSource: the feature is removed']),
    ...((spec?.externalID ?? '') === ''
      ? []
      : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
    ...each('spec.podCIDRs', spec?.podCIDRs ?? [], cidrWarnings),
  ]
}

function mountableWarnings({ metadata }: ApiObject): Warnings {
  const annotation = 'kubernetes.io/enforce-mountable-secrets'
  if (metadata.annotations?.[annotation] === undefined) return []
  return [
    `metadata.annotations[${annotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ]
}

function runtimeClassWarnings({ scheduling }: RuntimeClass): Warnings {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
    const message = deprecatedLabel(key)
    return message === undefined ? [] : [`scheduling.nodeSelector: ${message}`]
  })
}
