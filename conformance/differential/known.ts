export type Known = Readonly<{ name: RegExp; reason: string }>

/** Differences that stay, by the names of cases, each with its reason. A rule under which no case differs any more is an error as well. */
export const known: readonly Known[] = [
  { name: /^body: (apply of )?broken YAML$/, reason: 'the words of another YAML parser' },
  { name: /^body: deep nesting$/, reason: 'the words of another JSON parser' },
  {
    name: /^(configmap: keys|secret: of a registry)$/,
    reason: "the order of Go's maps, and the words of its JSON parser for a text that is none",
  },
  { name: /^path: a slash at the end$/, reason: 'lists every namespace, and the original has those of others' },
  { name: /^path: bad escapes$/, reason: "Go's HTTP server refuses such a path before Kubernetes sees it" },
  { name: /^path: metrics$/, reason: 'metrics are in the older text format' },
  { name: /^(forbidden: openapi|discovery: OpenAPI v[23].*)$/, reason: "OpenAPI has Coracle's own paths and words" },
  { name: /^discovery: groups(, aggregated.*)?$/, reason: 'the order of groups, and v2beta1' },
  {
    name: /^DaemonSet: is (read|listed|watched)$/,
    reason:
      'the original makes partial objects of an internal form, in which the generation of the template is a field',
  },
  {
    name: /^(generated [\d.]+: PersistentVolumeClaim metadata$|PersistentVolumeClaim(: is applied| refused: (without a body|for fields unknown)| of core\/v1 by spec.resources.*)$)/,
    reason: 'the original stores a claim anew though nothing changes',
  },
  {
    name: /^(generated [\d.]+: )?FlowSchema/,
    reason: 'a moment later both write into its status whether its level is there: before or after the next step',
  },
  {
    name: /^PersistentVolumeClaim of core\/v1 by spec\.dataSource(Ref)?$/,
    reason: 'where a source names no group, the original writes null, and Coracle no field',
  },
  {
    name: /^HorizontalPodAutoscaler of autoscaling\/v2 by spec\.behavior$/,
    reason: 'an empty list of policies is read as none, which has defaults; the original refuses it',
  },
  {
    name: /^generated [\d.]+: ServiceAccount secrets\.0\.fieldPath$/,
    reason:
      'both refuse to apply over secrets without names: the original for what is stored, Coracle for what is sent',
  },
  {
    name: /^generated [\d.]+: ReplicationController spec\.minReadySeconds$/,
    reason: 'a number beyond 32 bits is refused; the original makes another number of it',
  },
  {
    name: /^pod deleted: by eviction for its uid$/,
    reason: "the original's handler ends the connection without an answer: there is nothing to compare",
  },
  {
    name: /^pod deleted: (unbound|bound), watched$/,
    reason: 'the original writes a deletion mark before it deletes at once; Coracle deletes in one step',
  },
]
