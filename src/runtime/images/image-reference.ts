import { fail, ok, type Result } from '../../api/result.ts'

export type ImageReference = Readonly<{
  /** 'docker.io', 'registry.example:5000' */
  domain: string
  /** 'library/busybox' */
  path: string
  tag?: string
  /** 'sha256:…' */
  digest?: string
}>

const defaultDomain = 'docker.io'
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const tagPattern = /^\w[\w.-]{0,127}$/
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/

/**
 * Reads an image's name as docker and containerd do: 'busybox' is docker.io/library/busybox:latest. A name with neither tag nor digest
 * gets the tag 'latest'. The error is worded as github.com/distribution/reference words it, and kubelets show it.
 */
export function parseImageReference(text: string): Result<ImageReference, string> {
  if (/^[0-9a-f]{64}$/.test(text))
    return fail(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  const [beforeDigest = '', ...digests] = text.split('@')
  const digest = digests[0]
  if (digests.length > 1) return fail('invalid reference format')
  const colon = beforeDigest.lastIndexOf(':')
  const hasTag = colon > beforeDigest.lastIndexOf('/')
  const name = hasTag ? beforeDigest.slice(0, colon) : beforeDigest
  const tag = hasTag ? beforeDigest.slice(colon + 1) : undefined
  const { domain, path } = splitDomain(name)
  const fault = faultOf(domain, path, tag, digest)
  if (fault !== undefined) return fail(fault)
  if (digest === undefined) return ok({ domain, path, tag: tag ?? 'latest' })
  return ok({ domain, path, ...(tag === undefined ? {} : { tag }), digest })
}

function faultOf(
  domain: string,
  path: string,
  tag: string | undefined,
  digest: string | undefined,
): string | undefined {
  if (path.toLowerCase() !== path && pathPattern.test(path.toLowerCase()))
    return `invalid reference format: repository name (${path}) must be lowercase`
  if (!pathPattern.test(path) || !domainPattern.test(domain)) return 'invalid reference format'
  if (tag !== undefined && !tagPattern.test(tag)) return 'invalid reference format'
  if (digest !== undefined && !digestPattern.test(digest)) return 'invalid reference format'
  if (digest !== undefined && !/^sha256:/.test(digest)) return 'unsupported digest algorithm'
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return 'invalid checksum digest length'
  return domain.length + path.length + 1 > 255 ? 'repository name must not be more than 255 characters' : undefined
}

/** The first part is a registry when it could not be a user's name: it has a dot, a port or capitals, or is localhost. */
function splitDomain(name: string): Readonly<{ domain: string; path: string }> {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(0, slash))
  const isDomain = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = isDomain ? first : defaultDomain
  const path = isDomain ? name.slice(slash + 1) : name
  if (domain === 'index.docker.io') return { domain: defaultDomain, path: inLibrary(path) }
  return { domain, path: domain === defaultDomain ? inLibrary(path) : path }
}

function inLibrary(path: string): string {
  return path.includes('/') ? path : `library/${path}`
}

/** 'docker.io/library/busybox:1.36', with the digest when there is one. */
export function formatImageReference({ domain, path, tag, digest }: ImageReference): string {
  return `${domain}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** 'docker.io/library/busybox@sha256:…' */
export function digestReference({ domain, path }: ImageReference, digest: string): string {
  return `${domain}/${path}@${digest}`
}
