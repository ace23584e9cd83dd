import { equalJson } from '../api/json-value.ts'
import { kinds } from '../api/kinds.ts'
import type { Client } from '../client/client.ts'
import { dnsAccess, dnsManifests } from '../network/dns-manifests.ts'
import { createUnlessThere } from './create-unless-there.ts'

/** Nodes answer names also where no Service leads to them. */
export async function ensureDnsAccess(client: Client): Promise<void> {
  const { role, binding } = dnsAccess()
  await createUnlessThere(client, kinds.clusterRoles, role)
  await createUnlessThere(client, kinds.clusterRoleBindings, binding)
}

/** Sees to it that the Service kube-dns leads to where cluster DNS listens. */
export async function ensureDnsService(client: Client, serviceIp: string, listenAddress: string): Promise<void> {
  const { service, endpointSlice } = dnsManifests(serviceIp, listenAddress)
  await createUnlessThere(client, kinds.services, service)
  await createUnlessThere(client, kinds.endpointSlices, endpointSlice)
  const { name, namespace } = endpointSlice.metadata
  const present = await client.get(kinds.endpointSlices, name, namespace)
  if (!present.ok || equalJson(present.value.endpoints?.[0]?.addresses, [listenAddress])) return
  const { endpoints } = endpointSlice
  const moved = await client.patch(kinds.endpointSlices, name, namespace, { type: 'merge', body: { endpoints } })
  if (!moved.ok) throw new Error(`cannot move the endpoint of kube-dns: ${moved.error.message}`)
}
