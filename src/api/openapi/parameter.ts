/** Parameters of routes, by name: type and what they do. */

export type Parameter = Readonly<{ type: 'string' | 'integer' | 'boolean'; description: string }>

/** Parameters that are parts of the path. */
export const pathParameters: Readonly<Record<string, Parameter>> = {
  name: { type: 'string', description: 'Name of the object.' },
  namespace: { type: 'string', description: 'Namespace of the object.' },
}

export const queryParameters: Readonly<Record<string, Parameter>> = {
  allowWatchBookmarks: {
    type: 'boolean',
    description: 'A watch may send bookmarks, which only tell how far it has come.',
  },
  command: {
    type: 'string',
    description: 'The program to run and its arguments, one parameter each. No shell is involved.',
  },
  container: { type: 'string', description: 'The container; may be left out where the pod has only one.' },
  continue: { type: 'string', description: 'Goes on with a list that was cut off: the token that came with it.' },
  dryRun: { type: 'string', description: 'All: does everything but store the result.' },
  fieldManager: { type: 'string', description: 'The name under which the changed fields are owned. Needed to apply.' },
  fieldSelector: { type: 'string', description: 'Only objects whose fields match.' },
  fieldValidation: {
    type: 'string',
    description:
      'What becomes of unknown and repeated fields: Ignore drops them, Warn says so, Strict refuses the request.',
  },
  follow: { type: 'boolean', description: 'Goes on sending as the container writes.' },
  force: {
    type: 'boolean',
    description: 'Apply takes fields over from other managers instead of reporting a conflict.',
  },
  gracePeriodSeconds: { type: 'integer', description: 'Seconds until the object is removed by force; 0 at once.' },
  insecureSkipTLSVerifyBackend: { type: 'boolean', description: 'Does not verify the certificate of the kubelet.' },
  labelSelector: { type: 'string', description: 'Only objects whose labels match.' },
  limit: { type: 'integer', description: 'At most so many objects; a token in the answer leads to the rest.' },
  limitBytes: { type: 'integer', description: 'Ends after so many bytes.' },
  orphanDependents: { type: 'boolean', description: 'Deprecated: use propagationPolicy.' },
  ports: { type: 'string', description: 'The ports to forward; needed with WebSockets.' },
  pretty: { type: 'string', description: "'true' indents the answer." },
  previous: { type: 'boolean', description: 'The log of the container that ran before the last restart.' },
  propagationPolicy: {
    type: 'string',
    description:
      'What becomes of dependents: Orphan keeps them, Background deletes them afterwards, Foreground before.',
  },
  resourceVersion: { type: 'string', description: 'How new the answer must be, or from where a watch begins.' },
  resourceVersionMatch: { type: 'string', description: 'NotOlderThan or Exact: how resourceVersion is meant.' },
  sendInitialEvents: {
    type: 'boolean',
    description: 'A watch begins with what there is, and marks its end by a bookmark.',
  },
  sinceSeconds: { type: 'integer', description: 'Only what was written in the last so many seconds.' },
  stderr: { type: 'boolean', description: 'Connects the standard error stream.' },
  stdin: { type: 'boolean', description: 'Connects the standard input stream.' },
  stdout: { type: 'boolean', description: 'Connects the standard output stream.' },
  stream: { type: 'string', description: 'All, Stdout or Stderr.' },
  tailLines: { type: 'integer', description: 'Only the last so many lines.' },
  timeoutSeconds: { type: 'integer', description: 'Ends the call after so many seconds.' },
  timestamps: { type: 'boolean', description: 'Puts the time in front of every line.' },
  tty: { type: 'boolean', description: 'Gives the command a terminal.' },
  watch: { type: 'boolean', description: 'Sends changes as they happen instead of a list.' },
}
