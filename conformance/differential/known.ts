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
    name: /^PersistentVolumeClaim(: is applied| refused: (without a body|for fields unknown)| of core\/v1 by spec.resources.*)$/,
    reason: 'the original stores a claim anew though nothing changes',
  },
  {
    name: /^FlowSchema/,
    reason: 'a moment later both write into its status whether its level is there: before or after the next step',
  },
  {
    name: /^pod deleted: (unbound|bound), watched$/,
    reason: 'the original writes a deletion mark before it deletes at once; Coracle deletes in one step',
  },
]
