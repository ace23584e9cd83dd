import type { Schema } from '../api/schema.ts'
import type { MetricRegistry } from '../client/metric-registry.ts'
import type { Clock } from '../ports/clock.ts'
import type { Http, HttpHandler } from '../ports/http.ts'
import type { KeyPair, Keys } from '../ports/keys.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Store } from '../store/store.ts'
import type { Security } from './configuration/security.ts'
import type { ProcessFacts } from './operations/server-metrics.ts'
import type { Components } from './virtual/component-statuses.ts'

export type ApiServerConfig = Readonly<{
  /** iss of service account tokens, and their default audience: 'https://kubernetes.default.svc.cluster.local'. */
  serviceAccountIssuer: string
  serviceAccountKey: Readonly<{ privateKeyPem: string; publicKeyPem: string }>
  /** Addresses of Services: '10.96.0.0/16'. The first one is the `kubernetes` Service's. */
  serviceCidr: string
  nodePorts: Readonly<{ first: number; last: number }>
  /** Where pods reach this server: the endpoint of the `kubernetes` Service. */
  advertiseAddress: string
  advertisePort: number
  clusterName: string
  /** The authority of client certificates, in PEM: told to servers that extend the API. */
  clientCaPem?: string
  /** By which such servers know that it is us who tell them who is asking. */
  frontProxy?: FrontProxy
  /** Requests at work at once, beyond which clients are asked to come again; watches do not count. Default 600. */
  maxInFlight?: number
}>

/** A client certificate of the API server's own, under an authority of its own. */
export type FrontProxy = KeyPair & Readonly<{ caPem: string; commonName: string; issuer: string }>

/** What the API server is made of. */
export type ServerParts = Readonly<{
  store: Store
  clock: Clock
  random: Random
  keys: Keys
  log: Log
  schema: Schema
  config: ApiServerConfig
  /** Absent: as a cluster is without files that say otherwise. */
  security?: Security
  /** Reaches the kubelet of a node; undefined where there is no such node or it is not connected. */
  nodeHandler: (nodeName: string) => HttpHandler | undefined
  /** Reaches pods, for pods/proxy and services/proxy; absent where the server has no way to them. */
  http?: Pick<Http, 'request' | 'upgrade'>
  /** What ails the controller manager and the scheduler, if anything; absent where they do not run beside the server. */
  components?: Components
  /** Where numbers are kept of what is done; absent: one of the server's own. */
  metrics?: MetricRegistry
  processFacts?: () => ProcessFacts
}>
