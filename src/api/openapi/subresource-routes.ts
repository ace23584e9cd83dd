/** Routes that only some kinds have. To offer one more is to add a line here. */
import type { Kind } from '../kinds.ts'
import {
  type GroupVersionKind,
  gvkOf,
  itemPath,
  type Method,
  operationName,
  type Route,
  readWriteRoutes,
} from './route.ts'

type Subresource = Readonly<{
  /** groupResource/subresource. */
  of: string
  /** As operation ids name it. */
  title: string
  description: string
}> &
  (
    | Readonly<{ type: 'object' }>
    /** A body is posted, and comes back. */
    | Readonly<{ type: 'post'; subject: GroupVersionKind; typeName: string }>
    | Readonly<{ type: 'put' }>
    | Readonly<{ type: 'text'; query: readonly string[] }>
    /** The connection is taken over. */
    | Readonly<{ type: 'connect'; options: string; query: readonly string[] }>
  )

const streams = ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty']
const logQuery = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
]

const table: readonly Subresource[] = [
  { of: 'pods/log', title: 'Log', type: 'text', query: logQuery, description: 'Reads the log of a container.' },
  {
    of: 'pods/exec',
    title: 'Exec',
    type: 'connect',
    options: 'PodExecOptions',
    query: streams,
    description: 'Runs a command in a container.',
  },
  {
    of: 'pods/attach',
    title: 'Attach',
    type: 'connect',
    options: 'PodAttachOptions',
    query: streams.slice(1),
    description: 'Joins the streams of a running container.',
  },
  {
    of: 'pods/portforward',
    title: 'Portforward',
    type: 'connect',
    options: 'PodPortForwardOptions',
    query: ['ports'],
    description: 'Opens connections to ports of a pod.',
  },
  {
    of: 'pods/binding',
    title: 'Binding',
    type: 'post',
    subject: { group: '', version: 'v1', kind: 'Binding' },
    typeName: 'io.k8s.api.core.v1.Binding',
    description: 'Assigns a pod to a node.',
  },
  {
    of: 'pods/eviction',
    title: 'Eviction',
    type: 'post',
    subject: { group: 'policy', version: 'v1', kind: 'Eviction' },
    typeName: 'io.k8s.api.policy.v1.Eviction',
    description: 'Deletes a pod if its disruption budgets allow it.',
  },
  {
    of: 'pods/ephemeralcontainers',
    title: 'Ephemeralcontainers',
    type: 'object',
    description: 'The containers added to a running pod for debugging.',
  },
  {
    of: 'pods/resize',
    title: 'Resize',
    type: 'object',
    description: 'The processor time and memory of a running pod.',
  },
  {
    of: 'serviceaccounts/token',
    title: 'Token',
    type: 'post',
    subject: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    typeName: 'io.k8s.api.authentication.v1.TokenRequest',
    description: 'Issues a token for a service account.',
  },
  { of: 'namespaces/finalize', title: 'Finalize', type: 'put', description: 'Replaces the finalizers of a namespace.' },
]

/** Routes of the kind's own subresources. */
export function subresourceRoutes(kind: Kind): readonly Route[] {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
  return table.filter(({ of }) => of.startsWith(`${resource}/`)).flatMap((subresource) => routesOf(kind, subresource))
}

function routesOf(kind: Kind, subresource: Subresource): readonly Route[] {
  const suffix = subresource.of.slice(subresource.of.indexOf('/'))
  const { description, title } = subresource
  const base = {
    path: `${itemPath(kind)}${suffix}`,
    subject: gvkOf(kind),
    description,
    query: [] as readonly string[],
    answer: 'string',
    streams: false,
    codes: [200],
  }
  const id = `${operationName(kind)}${title}`
  switch (subresource.type) {
    case 'object':
      return readWriteRoutes(kind, suffix, title, { subject: gvkOf(kind), type: kind.typeName })
    case 'put':
      return readWriteRoutes(kind, suffix, title, { subject: gvkOf(kind), type: kind.typeName }).filter(
        ({ method }) => method === 'put',
      )
    case 'text':
      return [{ ...base, method: 'get', action: 'get', operationId: `read${id}`, query: subresource.query }]
    case 'connect':
      return (['get', 'post'] as const).map((method) => connectRoute(base, method, kind, subresource))
    case 'post':
      return [
        {
          ...base,
          method: 'post',
          action: 'post',
          subject: subresource.subject,
          operationId: `create${id}`,
          query: ['dryRun', 'fieldManager', 'fieldValidation'],
          body: { type: subresource.typeName, required: true },
          answer: subresource.typeName,
          codes: [200, 201, 202],
        },
      ]
  }
}

function connectRoute(
  base: Omit<Route, 'method' | 'action' | 'operationId'>,
  method: Method & ('get' | 'post'),
  kind: Kind,
  { options, query, title }: Extract<Subresource, { type: 'connect' }>,
): Route {
  const name = operationName(kind)
  const verb = method === 'get' ? 'Get' : 'Post'
  const at = name.indexOf(kind.namespaced ? 'Namespaced' : kind.kind)
  return {
    ...base,
    method,
    action: 'connect',
    subject: { group: kind.group, version: kind.version, kind: options },
    operationId: `connect${name.slice(0, at)}${verb}${name.slice(at)}${title}`,
    query,
  }
}
