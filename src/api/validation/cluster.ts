import type { Lease, Namespace, Node, NodeStatus, ServiceAccount } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { child, duplicate, type Errors, entriesOf, forbidden, index, invalid, invalidEach } from './field-error.ts'
import { validateCidr, validateIpFamilies } from './ip.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import {
  validateAnyMetaUpdate,
  validateAnyNewMeta,
  validateFinalizerDomain,
  validateMetaUpdate,
  validateNewMeta,
} from './object-meta.ts'
import { validateQuantity } from './resources.ts'
import { validateTaints } from './scheduling.ts'

export function validateNamespace({ metadata = {}, spec }: Namespace): Errors {
  return [
    ...validateNewMeta(metadata, false, dnsLabelErrors),
    ...(spec?.finalizers ?? []).flatMap((finalizer) => [
      ...invalidEach('spec.finalizers', finalizer, labelKeyErrors(finalizer)),
      ...validateFinalizerDomain('spec.finalizers', finalizer),
    ]),
  ]
}

export function validateNamespaceUpdate(namespace: Namespace, old: Namespace): Errors {
  return [...validateNamespace(namespace), ...validateMetaUpdate(namespace.metadata ?? {}, old.metadata ?? {})]
}

export function validateNamespaceStatusUpdate(namespace: Namespace, old: Namespace): Errors {
  const phase = namespace.status?.phase ?? ''
  const deleting = namespace.metadata?.deletionTimestamp !== undefined
  const [expected, is] = deleting ? ['Terminating', 'not empty'] : ['Active', 'empty']
  return [
    ...validateMetaUpdate(namespace.metadata ?? {}, old.metadata ?? {}),
    ...(phase === expected
      ? []
      : [invalid('status.Phase', phase, `may only be '${expected}' if \`deletionTimestamp\` is ${is}`)]),
  ]
}

/** The finalize subresource. */
export function validateNamespaceFinalize(namespace: Namespace, old: Namespace): Errors {
  return [
    ...validateMetaUpdate(namespace.metadata ?? {}, old.metadata ?? {}),
    ...(namespace.spec?.finalizers ?? []).flatMap((finalizer, at) => [
      ...invalidEach(index('spec.finalizers', at), finalizer, labelKeyErrors(finalizer)),
      ...validateFinalizerDomain(index('spec.finalizers', at), finalizer),
    ]),
  ]
}

export function validateServiceAccount({ metadata = {} }: ServiceAccount): Errors {
  return validateNewMeta(metadata, true, dnsSubdomainErrors)
}

export function validateServiceAccountUpdate(account: ServiceAccount, old: ServiceAccount): Errors {
  return [...validateMetaUpdate(account.metadata ?? {}, old.metadata ?? {}), ...validateServiceAccount(account)]
}

function validateAmounts(status: NodeStatus | undefined): Errors {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    entriesOf(status?.[list]).flatMap(([name, text]) => validateQuantity(child('status', list, name), name, text)),
  )
}

export function validateNode({ metadata = {}, spec, status }: Node): Errors {
  const cidrs = spec?.podCIDRs ?? []
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    // kube-apiserver names the taints so.
    ...validateTaints('metadata.taints', spec?.taints ?? []),
    ...validateAmounts(status),
    ...cidrs.flatMap((cidr, at) => validateCidr(index('spec.podCIDRs', at), cidr)),
    ...validateIpFamilies(
      'spec.podCIDRs',
      cidrs.map((cidr) => cidr.replace(/\/.*/, '')),
      cidrs,
      'CIDR',
    ),
  ]
}

export function validateNodeUpdate(node: Node, old: Node): Errors {
  return [...validateNode(node), ...validateNodeStatusUpdate(node, old)]
}

export function validateNodeStatusUpdate(node: Node, old: Node): Errors {
  const { spec, status } = node
  const [cidrs, before] = [spec?.podCIDRs ?? [], old.spec?.podCIDRs ?? []]
  const path = 'spec.podCIDRs'
  const fixed = 'node updates may not change podCIDR except from "" to valid'
  const changed = before.length === cidrs.length ? before.filter((cidr, at) => cidr !== cidrs[at]) : ['']
  const provider = old.spec?.providerID ?? ''
  return [
    ...validateMetaUpdate(node.metadata ?? {}, old.metadata ?? {}),
    ...validateAmounts(status),
    ...validateAddresses(status),
    ...(before.length === 0 ? [] : changed.map(() => forbidden(path, fixed))),
    ...(provider !== '' && provider !== spec?.providerID
      ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
    ...validateTaints('metadata.taints', spec?.taints ?? []),
    ...((spec?.externalID ?? '') === (old.spec?.externalID ?? '')
      ? []
      : [forbidden('spec.externalID', 'may not be updated')]),
  ]
}

function validateAddresses(status: NodeStatus | undefined): Errors {
  const seen = new Set<string>()
  return (status?.addresses ?? []).flatMap(({ type, address }, at) => {
    const key = `${type}/${address}`
    const taken = seen.has(key)
    seen.add(key)
    return taken ? [duplicate(index('status.addresses', at), { Type: type, Address: address })] : []
  })
}

/** strategy and preferredHolder belong to a feature that is off: they are dropped, not refused. */
function validateLeaseSpec({ spec = {} }: Lease): Errors {
  const { leaseDurationSeconds, leaseTransitions } = spec
  return [
    ...(leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0
      ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
      : []),
    ...(leaseTransitions !== undefined && leaseTransitions < 0
      ? [invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')]
      : []),
  ]
}

export function validateLease(lease: Lease): Errors {
  return [...validateAnyNewMeta(lease.metadata ?? {}, true, dnsSubdomainErrors), ...validateLeaseSpec(lease)]
}

export function validateLeaseUpdate(lease: Lease, old: Lease): Errors {
  return [...validateAnyMetaUpdate(lease.metadata ?? {}, old.metadata ?? {}), ...validateLeaseSpec(lease)]
}
