import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Disk } from '../ports/disk.ts'
import type { CertificateRequest, KeyPair, Keys } from '../ports/keys.ts'
import { type Instance, readSettings } from './instance.ts'
import type { Access } from './kubeconfig.ts'

export type Pki = Readonly<{
  ca: KeyPair
  server: KeyPair
  /** What the node's kubelet shows to those who call it. */
  kubelet: KeyPair
  admin: KeyPair
  /** What this server shows to those that extend the API, under an authority of its own. */
  frontProxy: Readonly<{ ca: KeyPair; client: KeyPair }>
  serviceAccount: Readonly<{ privateKeyPem: string; publicKeyPem: string }>
}>

type NodeNames = Readonly<{ nodeName: string; nodeAddress: string }>
export type PkiNames = NodeNames & Readonly<{ server: Pick<CertificateRequest, 'dnsNames' | 'ipAddresses'> }>

const tenYearsDays = 3650

/** The cluster's keys: read from the folder, or made there the first time. They are made in one go, so a folder holds all of them or none. */
export async function openPki(disk: Disk, keys: Keys, directory: string, names: PkiNames): Promise<Pki> {
  const file = path.join(directory, 'pki.json')
  if (await disk.exists(file)) {
    const known = parsePki(file, new TextDecoder().decode(await disk.readFile(file)))
    const { frontProxy, kubelet } = known
    if (frontProxy !== undefined && kubelet !== undefined) return { ...known, frontProxy, kubelet }
    return writePki(disk, file, {
      ...known,
      frontProxy: frontProxy ?? (await makeFrontProxy(keys)),
      kubelet: kubelet ?? (await makeKubelet(keys, known.ca, names)),
    })
  }
  await disk.makeDirectory(directory, 0o700)
  return writePki(disk, file, await makePki(keys, names))
}

async function writePki(disk: Disk, file: string, pki: Pki): Promise<Pki> {
  await disk.writeFile(file, new TextEncoder().encode(`${JSON.stringify(pki)}\n`), { mode: 0o600, durable: true })
  return pki
}

/** Clusters of older versions have no front proxy's and no kubelet's keys yet. */
type KnownPki = Omit<Pki, 'frontProxy' | 'kubelet'> & Partial<Pick<Pki, 'frontProxy' | 'kubelet'>>

function parsePki(file: string, text: string): KnownPki {
  try {
    const { ca, server, admin, serviceAccount, frontProxy, kubelet } = JSON.parse(text) as Partial<Pki>
    if (ca !== undefined && server !== undefined && admin !== undefined && serviceAccount !== undefined)
      return { ca, server, admin, serviceAccount, ...(frontProxy && { frontProxy }), ...(kubelet && { kubelet }) }
  } catch {
    // Said below.
  }
  throw new Error(
    `${file}, the cluster's keys, is damaged: put back a copy of it, or give the cluster up with \`coracle delete\``,
  )
}

async function makePki(keys: Keys, names: PkiNames): Promise<Pki> {
  const nameless = { organizations: [], dnsNames: [], ipAddresses: [], validDays: tenYearsDays }
  const ca = await keys.issueCertificate({ ...nameless, commonName: 'coracle-ca', usage: 'ca' })
  const server = await keys.issueCertificate(
    { ...nameless, ...names.server, commonName: 'kube-apiserver', usage: 'server' },
    ca,
  )
  // As kubeadm's admin.conf: the group system:masters is cluster-admin whatever RBAC says.
  const admin = await keys.issueCertificate(
    { ...nameless, commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' },
    ca,
  )
  const serviceAccount = await keys.makeSigningKey()
  const kubelet = await makeKubelet(keys, ca, names)
  return { ca, server, kubelet, admin, serviceAccount, frontProxy: await makeFrontProxy(keys) }
}

function makeKubelet(keys: Keys, ca: KeyPair, { nodeName, nodeAddress }: NodeNames): Promise<KeyPair> {
  const names = { dnsNames: [nodeName], ipAddresses: [nodeAddress, '127.0.0.1'] }
  const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }
  return keys.issueCertificate({ ...names, ...subject, validDays: tenYearsDays, usage: 'server' }, ca)
}

/** What the kubelet of a further node shows: read from the node's folder, or made there the first time. */
export async function openKubeletKeys(
  { disk, keys }: Readonly<{ disk: Disk; keys: Keys }>,
  directory: string,
  ca: KeyPair,
  names: NodeNames,
): Promise<KeyPair> {
  const file = path.join(directory, 'kubelet-keys.json')
  if (await disk.exists(file)) return JSON.parse(new TextDecoder().decode(await disk.readFile(file))) as KeyPair
  const made = await makeKubelet(keys, ca, names)
  await disk.makeDirectory(directory, 0o711)
  await disk.writeFile(file, new TextEncoder().encode(`${JSON.stringify(made)}\n`), { mode: 0o600, durable: true })
  return made
}

export const frontProxyName = 'front-proxy-client'
export const frontProxyAuthority = 'front-proxy-ca'

/** An authority of its own: who trusts the word of its one client must not trust that of every client. */
async function makeFrontProxy(keys: Keys): Promise<Pki['frontProxy']> {
  const nameless = { organizations: [], dnsNames: [], ipAddresses: [], validDays: tenYearsDays }
  const ca = await keys.issueCertificate({ ...nameless, commonName: frontProxyAuthority, usage: 'ca' })
  const client = await keys.issueCertificate({ ...nameless, commonName: frontProxyName, usage: 'client' }, ca)
  return { ca, client }
}

/** How the administrator reaches the cluster, from what is on disk. */
export function readAccess(instance: Instance): Access {
  const settings = readSettings(instance)
  if (settings === undefined) throw new Error(`there is no cluster "${instance.name}"; \`coracle up\` makes one`)
  const file = path.join(instance.dataDirectory, 'pki', 'pki.json')
  if (!existsSync(file)) throw new Error(`cluster "${instance.name}" has no keys yet; \`coracle up\` makes them`)
  const pki = parsePki(file, readFileSync(file, 'utf8'))
  return {
    server: `https://127.0.0.1:${settings.apiPort}`,
    caPem: pki.ca.certificatePem,
    certificatePem: pki.admin.certificatePem,
    keyPem: pki.admin.keyPem,
  }
}
