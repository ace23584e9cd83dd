import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Endpoint } from './exchange.ts'

type Named = Readonly<{
  name: string
  cluster?: Readonly<Record<string, string>>
  user?: Readonly<Record<string, string>>
}>
type Kubeconfig = Readonly<{ clusters: readonly Named[]; users: readonly Named[] }>

/** Where the original is, from the first cluster and user of a kubeconfig with everything inline. */
export function originalOf(kubeconfig: string): Endpoint {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const cluster = clusters[0]?.cluster ?? {}
  const user = users[0]?.user ?? {}
  const pem = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString()
  return {
    url: cluster.server ?? '',
    caPem: pem(cluster['certificate-authority-data']),
    certificatePem: pem(user['client-certificate-data']),
    keyPem: pem(user['client-key-data']),
  }
}

/** The user name in a client certificate. */
export function userOf({ certificatePem }: Endpoint): string {
  return /^CN=(.*)$/m.exec(new X509Certificate(certificatePem).subject)?.[1] ?? ''
}
