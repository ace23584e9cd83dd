import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../kinds.generated.ts'
import { protocols } from './container.ts'
import { child, type Errors, forbidden, index, invalid, invalidEach, notSupported, required } from './field-error.ts'
import { isWithin, parseCidr, validateCidr } from './ip.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsSubdomainErrors, portNameErrors, portNumberErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const policyTypes = ['Ingress', 'Egress']

export function validateNetworkPolicy({ metadata = {}, spec }: NetworkPolicy): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateSpec(spec ?? {}, [])]
}

export function validateNetworkPolicyUpdate(policy: NetworkPolicy, old: NetworkPolicy): Errors {
  return [
    ...validateMetaUpdate(policy.metadata ?? {}, old.metadata ?? {}),
    ...validateSpec(policy.spec ?? {}, blocksOf(old.spec ?? {})),
  ]
}

/** CIDRs that were there before stay allowed. */
function blocksOf({ ingress = [], egress = [] }: NetworkPolicySpec): readonly string[] {
  const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)]
  return peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]))
}

function validateSpec(spec: NetworkPolicySpec, known: readonly string[]): Errors {
  const rules = (direction: 'ingress' | 'egress', peerField: 'from' | 'to'): Errors =>
    (spec[direction] ?? []).flatMap((rule, at) => {
      const path = index(child('spec', direction), at)
      const peers = (rule as Readonly<Record<string, readonly NetworkPolicyPeer[] | undefined>>)[peerField] ?? []
      return [
        ...(rule.ports ?? []).flatMap((port, each) => validatePort(index(child(path, 'ports'), each), port)),
        ...peers.flatMap((peer, each) => validatePeer(index(child(path, peerField), each), peer, known)),
      ]
    })
  return [
    ...validateLabelSelector('spec.podSelector', spec.podSelector),
    ...rules('ingress', 'from'),
    ...rules('egress', 'to'),
    ...validateTypes(spec.policyTypes ?? []),
  ]
}

function validateTypes(types: readonly string[]): Errors {
  const path = 'spec.policyTypes'
  if (types.length > policyTypes.length) return [invalid(path, types, 'may not specify more than two policyTypes')]
  return types.flatMap((type, at) =>
    policyTypes.includes(type) ? [] : [notSupported(index(path, at), type, policyTypes)],
  )
}

function validatePort(field: string, { protocol, port, endPort }: NetworkPolicyPort): Errors {
  return [
    ...(protocol === undefined || protocols.includes(protocol)
      ? []
      : [notSupported(child(field, 'protocol'), protocol, ['TCP', 'UDP', 'SCTP'])]),
    ...validatePortRange(child(field, 'port'), child(field, 'endPort'), port, endPort),
  ]
}

function validatePortRange(at: string, atEnd: string, port: number | string | undefined, end?: number): Errors {
  if (port === undefined) {
    return end === undefined ? [] : [invalid(atEnd, end, 'may not be specified when `port` is not specified')]
  }
  if (typeof port === 'string') {
    return [
      ...(end === undefined ? [] : [invalid(atEnd, end, 'may not be specified when `port` is non-numeric')]),
      ...invalidEach(at, port, portNameErrors(port)),
    ]
  }
  const ended =
    end === undefined
      ? []
      : [
          // kube-apiserver shows the first port here.
          ...(end < port ? [invalid(atEnd, port, 'must be greater than or equal to `port`')] : []),
          ...invalidEach(atEnd, end, portNumberErrors(end)),
        ]
  return [...invalidEach(at, port, portNumberErrors(port)), ...ended]
}

function validatePeer(field: string, peer: NetworkPolicyPeer, known: readonly string[]): Errors {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const count = [podSelector, namespaceSelector, ipBlock].filter((one) => one !== undefined).length
  return [
    ...(podSelector === undefined ? [] : validateLabelSelector(child(field, 'podSelector'), podSelector)),
    ...(namespaceSelector === undefined
      ? []
      : validateLabelSelector(child(field, 'namespaceSelector'), namespaceSelector)),
    ...(ipBlock === undefined ? [] : validateBlock(child(field, 'ipBlock'), ipBlock, known)),
    ...(count === 0 ? [required(field, 'must specify a peer')] : []),
    ...(count > 1 && ipBlock !== undefined ? [forbidden(field, 'may not specify both ipBlock and another peer')] : []),
  ]
}

function validateBlock(field: string, { cidr = '', except = [] }: IPBlock, known: readonly string[]): Errors {
  const at = child(field, 'cidr')
  if (cidr === '') return [required(at)]
  const whole = parseCidr(cidr)
  const errors = validateCidr(at, cidr, known)
  if (whole === undefined) return errors
  return [
    ...errors,
    ...except.flatMap((text, each) => {
      const path = index(child(field, 'except'), each)
      const part = parseCidr(text)
      const isOutside = part !== undefined && !isWithin(part, whole)
      return [
        ...validateCidr(path, text, known),
        ...(isOutside ? [invalid(path, text, 'must be a strict subset of `cidr`')] : []),
      ]
    }),
  ]
}
