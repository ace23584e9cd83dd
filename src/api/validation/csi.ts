import type { CSIDriver, CSIDriverSpec, CSINode, CSINodeDriver, StorageV1TokenRequest } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import {
  child,
  duplicate,
  type Errors,
  immutable,
  index,
  invalid,
  invalidEach,
  isUnset,
  nonNegative,
  notSupported,
  required,
  tooLong,
} from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const mostDriverNameBytes = 63

export function validateCsiDriverName(field: string, name: string): Errors {
  if (name === '') return [required(field)]
  return [
    ...(utf8Bytes(name) > mostDriverNameBytes ? [tooLong(field, mostDriverNameBytes)] : []),
    ...invalidEach(field, name, dnsSubdomainErrors(name.toLowerCase())),
  ]
}

export function validateCsiDriver({ metadata = {}, spec }: CSIDriver): Errors {
  return [...validateNewMeta(metadata, false, dnsSubdomainErrors), ...validateDriverSpec(spec ?? {})]
}

export function validateCsiDriverUpdate(driver: CSIDriver, old: CSIDriver): Errors {
  return [
    ...validateMetaUpdate(driver.metadata ?? {}, old.metadata ?? {}),
    ...validateDriverSpec(driver.spec ?? {}),
    // The original names the field so.
    ...immutable('spec.attachedRequired', driver.spec?.attachRequired, old.spec?.attachRequired),
    ...immutable('spec.volumeLifecycleModes', driver.spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes),
  ]
}

const fsGroupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes = ['Persistent', 'Ephemeral']
const leastUpdatePeriodSeconds = 10

function validateDriverSpec(spec: CSIDriverSpec): Errors {
  const { fsGroupPolicy, tokenRequests = [], nodeAllocatableUpdatePeriodSeconds: period } = spec
  const { serviceAccountTokenInSecrets } = spec
  const needed = { attachedRequired: spec.attachRequired, podInfoOnMount: spec.podInfoOnMount }
  const missing = Object.entries({ ...needed, storageCapacity: spec.storageCapacity })
    .filter(([, value]) => isUnset(value))
    .map(([field]) => required(child('spec', field)))
  return [
    ...missing,
    ...(isUnset(fsGroupPolicy) || fsGroupPolicies.includes(fsGroupPolicy)
      ? []
      : [notSupported('spec.fsGroupPolicy', fsGroupPolicy, fsGroupPolicies)]),
    ...validateTokenRequests('spec.tokenRequests', tokenRequests),
    ...(spec.volumeLifecycleModes ?? [])
      .filter((mode) => !lifecycleModes.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, lifecycleModes)),
    ...(isUnset(spec.seLinuxMount) ? [required('spec.seLinuxMount')] : []),
    ...(period !== undefined && period < leastUpdatePeriodSeconds
      ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
      : []),
    ...(serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0
      ? [
          invalid(
            'spec.serviceAccountTokenInSecrets',
            serviceAccountTokenInSecrets,
            'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
          ),
        ]
      : []),
  ]
}

const leastTokenSeconds = 600
const mostTokenSeconds = 2 ** 32

function validateTokenRequests(field: string, requests: readonly StorageV1TokenRequest[]): Errors {
  const audiences = new Set<string>()
  return requests.flatMap(({ audience = '', expirationSeconds }, at) => {
    const path = index(field, at)
    if (audiences.has(audience)) return [duplicate(child(path, 'audience'), audience)]
    audiences.add(audience)
    if (expirationSeconds === undefined) return []
    const wrong = (detail: string): Errors => [invalid(child(path, 'expirationSeconds'), expirationSeconds, detail)]
    if (expirationSeconds < leastTokenSeconds) return wrong('may not specify a duration less than 10 minutes')
    return expirationSeconds > mostTokenSeconds ? wrong('may not specify a duration larger than 2^32 seconds') : []
  })
}

export function validateCsiNode({ metadata = {}, spec }: CSINode): Errors {
  const names = new Set<string>()
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...(spec?.drivers ?? []).flatMap((driver, at) => {
      const { name = '' } = driver
      const errors = validateNodeDriver(index('spec.drivers', at), driver, names.has(name))
      names.add(name)
      return errors
    }),
  ]
}

const mostNodeIdLength = 256

function validateNodeDriver(field: string, driver: CSINodeDriver, isRepeated: boolean): Errors {
  const { name = '', nodeID = '', topologyKeys = [], allocatable } = driver
  const path = child(field, 'nodeID')
  return [
    ...validateCsiDriverName(child(field, 'name'), name),
    ...(nodeID === '' ? [required(path)] : []),
    ...(nodeID.length > mostNodeIdLength
      ? [invalid(path, nodeID, `must be ${mostNodeIdLength} characters or less`)]
      : []),
    ...nonNegative(child(field, 'allocatable', 'count'), allocatable?.count),
    ...(isRepeated ? [duplicate(child(field, 'name'), name)] : []),
    ...(topologyKeys ?? []).flatMap((key, at) => [
      ...(key === '' ? [required(field)] : []),
      ...(topologyKeys.indexOf(key) < at ? [duplicate(field, key)] : []),
      ...invalidEach(field, key, labelKeyErrors(key)),
    ]),
  ]
}

export function validateCsiNodeUpdate(node: CSINode, old: CSINode): Errors {
  return [
    ...validateCsiNode(node),
    ...(old.spec?.drivers ?? []).flatMap((before) =>
      (node.spec?.drivers ?? [])
        .filter(({ name }) => name === before.name)
        .flatMap((now) => immutable('spec.drivers', asGoDriver(now), asGoDriver(before))),
    ),
  ]
}

/** As the original's internal type is shown; what a driver can hold may change. */
function asGoDriver({ name, nodeID, topologyKeys }: CSINodeDriver): object {
  return { Name: name, NodeID: nodeID, TopologyKeys: topologyKeys ?? null, Allocatable: null }
}
