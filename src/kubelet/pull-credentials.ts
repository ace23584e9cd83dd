import { decodeBase64 } from '../api/base64.ts'
import type { Secret } from '../api/kinds.generated.ts'
import { parseImageReference } from '../runtime/images/image-reference.ts'
import type { RegistryAuth } from '../runtime/pod-runtime.ts'

type Entry = Readonly<{ username?: string; password?: string; auth?: string; identitytoken?: string }>

const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/** Credentials of a pod's pull secrets that fit the image's registry, those for the longest matching path first. */
export function pullCredentials(image: string, secrets: readonly Secret[]): readonly RegistryAuth[] {
  const reference = parseImageReference(image)
  if (!reference.ok) return []
  const { domain, path } = reference.value
  return secrets
    .flatMap((secret) => Object.entries(entriesOf(secret)))
    .filter(([registry]) => matches(registry, domain, path))
    .sort(([a], [b]) => b.length - a.length)
    .flatMap(([, entry]) => authOf(entry) ?? [])
}

function entriesOf({ type, data = {} }: Secret): Readonly<Record<string, Entry>> {
  const modern = type === 'kubernetes.io/dockerconfigjson'
  const text = data[modern ? '.dockerconfigjson' : '.dockercfg']
  if (text === undefined) return {}
  try {
    const parsed = JSON.parse(new TextDecoder().decode(decodeBase64(text))) as Record<string, unknown>
    return ((modern ? parsed.auths : parsed) ?? {}) as Readonly<Record<string, Entry>>
  } catch {
    // A secret that cannot be read is as one without credentials: the pull tells.
    return {}
  }
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

function authOf({ username, password, auth, identitytoken }: Entry): RegistryAuth | undefined {
  if (identitytoken !== undefined && identitytoken !== '') return { identityToken: identitytoken }
  if (auth !== undefined && auth !== '') {
    const pair = new TextDecoder().decode(decodeBase64(auth)).replace(/\0+$/, '')
    const colon = pair.indexOf(':')
    if (colon > 0) return { username: pair.slice(0, colon), password: pair.slice(colon + 1) }
  }
  return username === undefined || password === undefined ? undefined : { username, password }
}
