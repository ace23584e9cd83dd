/** The tag of an image reference, after the grammar of distribution/reference, as far as defaulting needs it. */

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const domain =
  '(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?'
const reference = new RegExp(
  `^(?:${domain}/)?${component}(?:/${component})*(?::(?<tag>\\w[\\w.-]{0,127}))?(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
)

/** 'latest' where neither a tag nor a digest is given; undefined where there is a digest only, or the reference is invalid. */
export function imageTag(image: string): string | undefined {
  const groups = reference.exec(image)?.groups
  if (groups === undefined) return undefined
  return groups.tag ?? (groups.digest === undefined ? 'latest' : undefined)
}

/** Kubernetes: images that may change under their name are pulled each time. */
export function defaultPullPolicy(image: unknown): 'Always' | 'IfNotPresent' {
  return typeof image === 'string' && imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent'
}
