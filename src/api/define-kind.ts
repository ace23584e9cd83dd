import type { Kind, ScalePaths } from './kinds.ts'
import type { Versioning } from './versioning.ts'

type Options = Readonly<{
  shortNames?: readonly string[]
  categories?: readonly string[]
  status?: boolean
  generation?: boolean
  scale?: ScalePaths
  ttlSeconds?: number
  versioning?: Versioning
}>

/** One line of the tables of kinds: what is not said is as most kinds have it. */
export function define<T>(
  apiVersion: string,
  kind: string,
  plural: string,
  scope: 'Namespaced' | 'Cluster',
  options: Options,
): Kind<T> {
  const [group, version] = splitApiVersion(apiVersion)
  return {
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    namespaced: scope === 'Namespaced',
    shortNames: [],
    categories: [],
    typeName: `${packageOf(group)}.${version}.${kind}`,
    status: false,
    generation: false,
    ...options,
  }
}

export function splitApiVersion(apiVersion: string): readonly [group: string, version: string] {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
}

/** Groups whose types do not live with all the others. */
const packages: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

/** The Go package path that OpenAPI definitions are named after: 'rbac.authorization.k8s.io' → io.k8s.api.rbac. */
function packageOf(group: string): string {
  return packages[group] ?? `io.k8s.api.${group.replace(/\..*$/, '')}`
}
