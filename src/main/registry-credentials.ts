import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type AuthEntries, credentialsFor } from '../runtime/images/docker-config.ts'
import { parseImageReference } from '../runtime/images/image-reference.ts'
import type { RegistryAuth } from '../runtime/pod-runtime.ts'

type DockerConfig = Readonly<{
  auths?: AuthEntries
  credsStore?: string
  /** Name of the helper by registry. */
  credHelpers?: Readonly<Record<string, string>>
}>

/** The key under which docker keeps the credentials of its own registry. */
const dockerHubKey = 'https://index.docker.io/v1/'
const helperTimeoutMs = 30_000

/**
 * What `docker login` left for the image's registry: in ~/.docker/config.json (or $DOCKER_CONFIG), or with the credential helper that is
 * named there (docker-credential-NAME on the PATH). Throws when that file or a helper's answer cannot be read.
 */
export function registryCredentials(image: string, env: NodeJS.ProcessEnv): readonly RegistryAuth[] {
  const reference = parseImageReference(image)
  if (!reference.ok) return []
  const { domain } = reference.value
  const file = path.join(env.DOCKER_CONFIG ?? path.join(env.HOME ?? '/', '.docker'), 'config.json')
  const config = readConfig(file)
  const key = domain === 'docker.io' ? dockerHubKey : domain
  const helper = config.credHelpers?.[domain] ?? config.credHelpers?.[key] ?? config.credsStore
  const helped = helper === undefined || helper === '' ? [] : fromHelper(helper, key)
  return [...helped, ...credentialsFor(reference.value, [config.auths ?? {}])]
}

function readConfig(file: string): DockerConfig {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`cannot read ${file}: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text) as DockerConfig
  } catch (error) {
    throw new Error(`${file} is no valid JSON: ${(error as Error).message}`)
  }
}

/** A helper without credentials for the registry says so and fails: the image may be public. */
function fromHelper(name: string, registry: string): readonly RegistryAuth[] {
  const program = `docker-credential-${name}`
  let answer: string
  try {
    const stdio: ('pipe' | 'ignore')[] = ['pipe', 'pipe', 'ignore']
    answer = execFileSync(program, ['get'], { input: registry, encoding: 'utf8', stdio, timeout: helperTimeoutMs })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return []
    throw new Error(`${program} is not on the PATH: install it, or take it out of docker's config.json`)
  }
  const { Username = '', Secret = '' } = JSON.parse(answer) as Readonly<{ Username?: string; Secret?: string }>
  if (Secret === '') return []
  return [Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret }]
}
