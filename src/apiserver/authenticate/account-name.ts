import { dnsLabelErrors, dnsSubdomainErrors } from '../../api/validation/names.ts'
import type { User } from '../call.ts'

const accountPrefix = 'system:serviceaccount:'
const nodePrefix = 'system:node:'

export type AccountName = Readonly<{ namespace: string; name: string }>

/** The service account that a user of this name is. */
export function accountOf(userName: string): AccountName | undefined {
  if (!userName.startsWith(accountPrefix)) return undefined
  const [namespace = '', name = '', ...more] = userName.slice(accountPrefix.length).split(':')
  const isRight = dnsLabelErrors(namespace).length === 0 && dnsSubdomainErrors(name).length === 0
  return isRight && more.length === 0 ? { namespace, name } : undefined
}

export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}

/** The node that a user of this name is, whatever its groups. */
export function nodeNamed(userName: string): string | undefined {
  if (!userName.startsWith(nodePrefix)) return undefined
  const name = userName.slice(nodePrefix.length)
  return dnsSubdomainErrors(name).length === 0 ? name : undefined
}

/** The node on which the pod runs whose token the user showed. */
export function nodeOfPod({ extra }: User): string | undefined {
  const names = extra?.['authentication.kubernetes.io/node-name'] ?? []
  return names.length === 1 ? names[0] : undefined
}
