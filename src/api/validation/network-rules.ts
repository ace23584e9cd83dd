import { networkKinds as kinds } from '../network-kinds.ts'
import * as ingress from './ingress.ts'
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from './network-policy.ts'
import { type KindRules, rulesOf } from './rules.ts'
import * as serviceCidr from './service-cidr.ts'

export const networkRules: KindRules = [
  [
    kinds.ingresses,
    rulesOf(kinds.ingresses, ingress.validateIngress, ingress.validateIngressUpdate, {
      status: ingress.validateIngressStatusUpdate,
    }),
  ],
  [
    kinds.ingressClasses,
    rulesOf(kinds.ingressClasses, ingress.validateIngressClass, ingress.validateIngressClassUpdate),
  ],
  [kinds.networkPolicies, rulesOf(kinds.networkPolicies, validateNetworkPolicy, validateNetworkPolicyUpdate)],
  [kinds.ipAddresses, rulesOf(kinds.ipAddresses, serviceCidr.validateIpAddress, serviceCidr.validateIpAddressUpdate)],
  [
    kinds.serviceCidrs,
    rulesOf(kinds.serviceCidrs, serviceCidr.validateServiceCidr, serviceCidr.validateServiceCidrUpdate, {
      status: serviceCidr.validateServiceCidrStatusUpdate,
    }),
  ],
]
