// The type names of models: client-node drops the package ('V1PodSpec'), which follows from the API that mentions a model or the
// type that refers to it, with the exceptions below. Names are short here: 'core.v1.PodSpec' for io.k8s.api.core.v1.PodSpec.
import { type ModelField, modelFields, modelsByGroupVersion } from './models.ts'

/** Groups whose Go package is not the first label of the group. */
const packages: Readonly<Record<string, string>> = { 'internal.apiserver.k8s.io': 'apiserverinternal' }

/** Types of one package that APIs of others mention or refer to. */
const exceptions: Readonly<Record<string, string>> = {
  'meta.v1':
    'APIGroup APIGroupList APIResource APIResourceList APIVersions Condition DeleteOptions FieldSelectorRequirement GroupResource ' +
    'GroupVersionForDiscovery LabelSelector LabelSelectorRequirement ListMeta ManagedFieldsEntry ObjectMeta OwnerReference ' +
    'Preconditions ServerAddressByClientCIDR ShardInfo Status StatusCause StatusDetails WatchEvent',
  'autoscaling.v1': 'Scale',
  'policy.v1': 'Eviction',
  'core.v1': 'TopologySelectorTerm TopologySelectorLabelRequirement',
}

/** Models that client-node tells apart by a prefix of their group. */
const prefixed =
  /^(Admissionregistration|Apiextensions|Apiregistration|Authentication|Core|Discovery|Events|Flowcontrol|Rbac|Resource|Storage)V1(?=[A-Z])/

/** Model → type name, for every model that an API leads to. */
export function typeNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>([['VersionInfo', 'version.Info']])
  for (const [where, types] of Object.entries(exceptions)) {
    for (const type of types.split(' ')) names.set(`V1${type}`, `${where}.${type}`)
  }
  // Core first: what its types refer to is core's, whoever else refers to it.
  const groups = [...modelsByGroupVersion()].sort(([a], [b]) => Number(b === 'core/v1') - Number(a === 'core/v1'))
  for (const [model, name] of [...names]) nameReferences(model, name.slice(0, name.lastIndexOf('.')), names)
  for (const [groupVersion, models] of groups) {
    for (const model of models) nameModel(model, packageOf(groupVersion), names)
  }
  return names
}

function packageOf(groupVersion: string): string {
  const [group = '', version = ''] = groupVersion.split('/')
  return `${packages[group] ?? group.replace(/\..*$/, '')}.${version}`
}

function nameModel(model: string, where: string, names: Map<string, string>): void {
  if (names.has(model)) return
  const prefix = prefixed.exec(model)?.[1]
  const home = prefix === undefined ? where : `${prefix.toLowerCase()}.v1`
  names.set(model, `${home}.${bareName(model)}`)
  nameReferences(model, home, names)
}

function nameReferences(model: string, where: string, names: Map<string, string>): void {
  for (const field of modelFields(model)) {
    const referred = referredModel(field)
    if (referred !== undefined) nameModel(referred, where, names)
  }
}

/** The model within a field's type: Array<V1Pod> → V1Pod; undefined for scalars. */
export function referredModel(field: Pick<ModelField, 'type'>): string | undefined {
  const name = /\b([A-Z]\w*V\d\w*|V\d\w*)\b/.exec(field.type)?.[1]
  return name === 'V1MicroTime' ? undefined : name
}

function bareName(model: string): string {
  return model.replace(prefixed, '').replace(/^V\d+((alpha|beta)\d+)?/, '')
}
