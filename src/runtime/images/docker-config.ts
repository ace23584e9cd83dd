import { decodeBase64 } from '../../api/base64.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import type { ImageReference } from './image-reference.ts'

/** One entry of 'auths' in a docker configuration file. */
export type AuthEntry = Readonly<{ username?: string; password?: string; auth?: string; identitytoken?: string }>

/** By registry: 'https://index.docker.io/v1/', 'registry.example:5000/team', '*.example'. */
export type AuthEntries = Readonly<Record<string, AuthEntry>>

const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/** Credentials that fit the image's registry, those for the longest matching path first (Kubernetes' rules for pull secrets). */
export function credentialsFor(
  { domain, path }: Pick<ImageReference, 'domain' | 'path'>,
  all: readonly AuthEntries[],
): readonly RegistryAuth[] {
  return all
    .flatMap((entries) => Object.entries(entries))
    .filter(([registry]) => matches(registry, domain, path))
    .sort(([a], [b]) => b.length - a.length)
    .flatMap(([, entry]) => authOf(entry) ?? [])
}

/** 'https://registry.example:5000/v1/' names a host; 'registry.example/team' a part of it; '*.example' stands for one label. */
function matches(registry: string, domain: string, path: string): boolean {
  const bare = registry.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
  const [host = '', ...rest] = bare.split('/')
  const hub = dockerHub.has(host) && dockerHub.has(domain)
  const pattern = new RegExp(`^${host.split('*').map(escaped).join('[^.]*')}$`)
  const prefix = rest.join('/')
  return (hub || pattern.test(domain)) && (prefix === '' || path === prefix || path.startsWith(`${prefix}/`))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function authOf({ username, password, auth, identitytoken }: AuthEntry): RegistryAuth | undefined {
  if (identitytoken !== undefined && identitytoken !== '') return { identityToken: identitytoken }
  if (auth !== undefined && auth !== '') {
    const pair = new TextDecoder().decode(decodeBase64(auth)).replace(/\0+$/, '')
    const colon = pair.indexOf(':')
    if (colon > 0) return { username: pair.slice(0, colon), password: pair.slice(colon + 1) }
  }
  return username === undefined || password === undefined ? undefined : { username, password }
}
