import { child, type Errors, invalid } from './field-error.ts'
import { validateDescendingPath } from './paths.ts'

const podKey = 'seccomp.security.alpha.kubernetes.io/pod'
const containerPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
const plainProfiles = ['runtime/default', 'docker/default', 'unconfined']
const localPrefix = 'localhost/'

/** Nobody heeds these annotations any more, but they must still be well formed: ValidateSeccompPodAnnotations. */
export function validateSeccompAnnotations(field: string, annotations: Readonly<Record<string, string>>): Errors {
  const keys = Object.keys(annotations).filter((key) => key === podKey || key.startsWith(containerPrefix))
  return keys.flatMap((key) => validateProfile(child(field, key), annotations[key] ?? ''))
}

function validateProfile(field: string, profile: string): Errors {
  if (plainProfiles.includes(profile)) return []
  if (profile.startsWith(localPrefix)) return validateDescendingPath(field, profile.slice(localPrefix.length))
  return [invalid(field, profile, 'must be a valid seccomp profile')]
}
