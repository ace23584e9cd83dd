import type { CustomResourceDefinition } from '../api/kinds.generated.ts'
import { allKinds, apiVersionOf, kinds } from '../api/kinds.ts'
import { ok } from '../api/result.ts'
import type { Subresource } from '../api/validation/rules.ts'
import { validateCreate, validateUpdate } from '../api/validation/validate.ts'
import { selectorErrors } from '../cel/devices/device-expression.ts'
import type { Client } from '../client/client.ts'
import { makeClient } from '../client/http-client.ts'
import { type MetricRegistry, metricRegistry } from '../client/metric-registry.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { Store } from '../store/store.ts'
import type { Admission } from './admit/admission.ts'
import { makeAdmission } from './admit/plugins.ts'
import { expressionErrors } from './admit/policy/expression-rules.ts'
import { makeAggregator } from './aggregation/aggregator.ts'
import type { AuditParts } from './audit/trail.ts'
import type { AuthenticationParts } from './authenticate/authenticate.ts'
import { bootstrapTokens } from './authenticate/bootstrap-token.ts'
import { impersonation } from './authenticate/impersonate.ts'
import { signJwt } from './authenticate/jwt.ts'
import { legacyClaims, type TokenSubject } from './authenticate/legacy-token.ts'
import { type ServiceAccountTokens, serviceAccountTokens } from './authenticate/service-account-token.ts'
import { firstToKnow } from './authenticate/token-authenticator.ts'
import { localAuthorizers } from './authorize/local-authorizers.ts'
import { bootstrap } from './bootstrap/bootstrap.ts'
import { requestSignatureErrors } from './certificate-request.ts'
import { plainSecurity, type Security } from './configuration/security.ts'
import { serveDefinitions } from './custom/definitions.ts'
import { definitionRuleErrors } from './custom/rule-engine.ts'
import { webhookConverter } from './custom/webhook-conversion.ts'
import { discovery } from './discovery/discovery.ts'
import { groupVersions } from './discovery/documents.ts'
import { openIdDocuments } from './discovery/open-id.ts'
import { type PlainPaths, plainPaths } from './discovery/plain-paths.ts'
import { endpointKey } from './endpoint-table.ts'
import { builtInEndpoints, type EndpointParts } from './endpoints.ts'
import { flowDump } from './flow/dump.ts'
import type { FlowControl } from './flow/flow-control.ts'
import { flowMeters } from './flow/flow-meter.ts'
import { type StoredFlowControl, storedFlowControl } from './flow/stored-flow-control.ts'
import { watchMeters } from './handle/watch-meter.ts'
import type { Claims, WriteParts } from './handle/writing.ts'
import { accessMetrics } from './operations/access-metrics.ts'
import { apiServerChecks, health } from './operations/health.ts'
import { requestMetrics } from './operations/request-metrics.ts'
import { registerProcessMetrics, registerServerMetrics } from './operations/server-metrics.ts'
import { statusPage } from './operations/status-page.ts'
import { listCache } from './output/object-json.ts'
import { type Output, output } from './output/output.ts'
import type { RequestInfo } from './request-info.ts'
import { scopePrefix } from './resource.ts'
import { keptWhileServed, makeServed, ownPart, type Served } from './served.ts'
import type { ApiServerConfig, ServerParts } from './server.ts'
import { type ServiceClaims, serviceClaims } from './services/service-claims.ts'
import { requestStack } from './stack.ts'
import { componentHealth, storeProblem } from './virtual/component-statuses.ts'

export interface ApiServer {
  readonly handler: HttpHandler
  /** Makes the objects that every cluster begins with. Requests are answered before, but few can be allowed. */
  start(): Promise<void>
  /** A token without an end, for a Secret that keeps it. */
  signServiceAccountToken(subject: TokenSubject): string
  /** Stops following the store. */
  stop(): void
}

/** --max-requests-inflight and --max-mutating-requests-inflight together. */
const defaultMaxInFlight = 600

/** The Kubernetes API over the store: see stack.ts for the way of a request. */
export function makeApiServer(parts: ServerParts): ApiServer {
  const { store, clock, random, keys, config, metrics = metricRegistry() } = parts
  const local = localAuthorizers(store)
  const security = parts.security ?? plainSecurity
  const authorizer = security.authorizer(local)
  const { serviceAccountIssuer: issuer, serviceAccountKey: key } = config
  const accountTokens = serviceAccountTokens({ store, clock, random, keys, issuer, key })
  const own = [accountTokens.authenticator, bootstrapTokens(store, clock)]
  const tokens = firstToKnow(() => [...security.tokensBefore(), ...own, ...security.tokensAfter()])
  const out = output({ clock, random, lists: listCache(storeChanges(store)) })
  const served = makeServed()
  const admission = makeAdmission({ ...parts, metrics }, local, authorizer, served)
  const services = serviceClaims(parts)
  const writes = writeParts(parts, served, admission.chain, services)
  const endpointParts = endpointPartsOf(parts, writes, out, {
    authorizer,
    rbac: local.rbac,
    unlisted: (user) => [...local.unlisted(user), ...security.unlisted()],
    tokens,
    accountTokens,
    watchMeters: watchMeters(metrics),
  })
  served.set(ownPart, { kinds: allKinds, endpoints: builtInEndpoints(endpointParts, allKinds) })
  const converterOf = (definition: CustomResourceDefinition) => webhookConverter(parts, definition)
  const stopServing = serveDefinitions({ store, served, endpoints: endpointParts, converterOf })
  const aggregator = aggregatorOf({ ...parts, metrics }, writes, served)
  const flows = flowsOf(parts, served, metrics)
  registerServerMetrics(metrics, store, served.kinds, flows.flow)
  if (parts.processFacts !== undefined) registerProcessMetrics(metrics, parts.processFacts)
  let isStarted = false
  const handler = requestStack({
    clock,
    random,
    authentication: authenticationOf(config, tokens, security),
    ...(security.audit && { audit: countedAudit(metrics, security.audit) }),
    impersonation: impersonation(authorizer),
    authorizer,
    served,
    aggregator,
    discovery: discovery(served, `${config.advertiseAddress}:${config.advertisePort}`, (bytes) => keys.sha256(bytes)),
    plainPaths: pathsOf(parts, served, accountTokens, flows.flow, metrics, () => isStarted),
    flow: flows.flow,
    metrics: requestMetrics(metrics, clock.monotonicMs),
    access: accessMetrics(metrics),
    output: out,
    log: parts.log,
  })
  return {
    handler,
    async start() {
      services.repair()
      await bootstrap({ ...writes, admission: admission.ownChain }, config, served)
      aggregator.start()
      await flows.start(loopback(handler, clock))
      isStarted = true
    },
    signServiceAccountToken: (subject) => signJwt(keys, key.privateKeyPem, accountTokens.keyId, legacyClaims(subject)),
    stop() {
      flows.close()
      stopServing()
      local.close()
      aggregator.close()
      admission.close()
    },
  }
}

function countedAudit(metrics: MetricRegistry, audit: AuditParts): AuditParts {
  const help = '[ALPHA] Counter of audit events generated and sent to the audit backend.'
  const total = metrics.counter('apiserver_audit_event_total', help, []).of([])
  const { sink } = audit
  const write: AuditParts['sink']['write'] = (event) => {
    total.add()
    sink.write(event)
  }
  return { ...audit, sink: { ...sink, write } }
}

function aggregatorOf(
  { store, random, http, config, metrics }: ServerParts & Readonly<{ metrics: MetricRegistry }>,
  writes: WriteParts,
  served: Served,
) {
  const { frontProxy } = config
  const own = { store, random, writes, served, metrics }
  return makeAggregator({ ...own, ...(http && { http }), ...(frontProxy && { frontProxy }) })
}

function writeParts(parts: ServerParts, served: Served, admission: Admission, services: ServiceClaims): WriteParts {
  const { store, clock, random, schema, log, keys } = parts
  const claims: Claims = (kind, after, before, dryRun) =>
    kind.typeName === kinds.services.typeName ? services.claim(after, before, dryRun) : ok({ object: after, undo() {} })
  return {
    store,
    clock,
    random,
    schema,
    log,
    admission,
    claims,
    storageRefusal: parts.security?.atRest?.refusal,
    release(kind, object) {
      if (kind.typeName === kinds.services.typeName) services.release(object)
    },
    versionsOf: served.versionsOf,
    validateCreate: (kind, object, requested) => [
      ...validateCreate(kind, object, requested, selectorErrors),
      ...requestSignatureErrors(keys, kind, object),
      ...expressionErrors(kind, object),
      ...definitionRuleErrors(kind, object),
    ],
    validateUpdate: (kind, after, before, subresource, requested) => [
      ...validateUpdate(kind, after, before, subresource as Subresource | undefined, requested, selectorErrors),
      ...(subresource === undefined
        ? [...expressionErrors(kind, after), ...definitionRuleErrors(kind, after, before)]
        : []),
    ],
  }
}

function endpointPartsOf(
  { store, clock, config, nodeHandler, http, components }: ServerParts,
  writes: WriteParts,
  out: Output,
  access: Pick<EndpointParts, 'authorizer' | 'rbac' | 'unlisted' | 'tokens' | 'accountTokens' | 'watchMeters'>,
): EndpointParts {
  const audience = config.serviceAccountIssuer
  const watchEncoder: Output['watchEncoder'] = (kind, call) => out.watchEncoder(kind, call)
  const parts = {
    ...writes,
    store,
    clock,
    nodeHandler,
    ...access,
    audience,
    apiAudiences: [audience],
  }
  return { ...parts, ...(http && { http }), watchEncoder, components: componentHealth(store, components) }
}

function pathsOf(
  { store, config, keys, clock, security }: ServerParts,
  served: Served,
  tokens: ServiceAccountTokens,
  flow: FlowControl,
  metrics: MetricRegistry,
  isStarted: () => boolean,
): PlainPaths {
  const groupPaths = keptWhileServed(served, () => [
    '/api',
    '/apis',
    ...[...groupVersions(served.endpoints(), served.remote())].flatMap(([group, versions]) =>
      versions.map((version) => (group === '' ? `/api/${version}` : `/apis/${apiVersionOf({ group, version })}`)),
    ),
  ])
  const slis = metricRegistry()
  const startedMs = clock.nowMs()
  return plainPaths({
    served,
    health: health(
      apiServerChecks(isStarted, () => storeProblem(store), security?.atRest?.problem),
      slis,
    ),
    healthMetrics: slis.text,
    status: () => statusPage(startedMs, clock.nowMs()),
    debug: (path) => flowDump(flow, path),
    metrics: metrics.text,
    openId: openIdDocuments(config, keys, tokens.keyId),
    groupPaths,
  })
}

function flowsOf({ config, ...parts }: ServerParts, served: Served, metrics: MetricRegistry): StoredFlowControl {
  const seats = config.maxInFlight ?? defaultMaxInFlight
  const objects = (info: RequestInfo): number => objectCount(parts.store, served, info)
  return storedFlowControl({ ...parts, seats, objects, meters: flowMeters(metrics) })
}

function authenticationOf(
  { serviceAccountIssuer, frontProxy }: ApiServerConfig,
  tokens: AuthenticationParts['tokens'],
  { allowsAnonymous }: Security,
): AuthenticationParts {
  const proxy = frontProxy && { issuer: frontProxy.issuer, commonName: frontProxy.commonName }
  return { tokens, apiAudiences: [serviceAccountIssuer], allowsAnonymous, ...(proxy && { proxy }) }
}

/** The server as a client of its own. */
function loopback(handler: HttpHandler, clock: Clock): Client {
  const identity = { commonName: 'system:apiserver', organizations: ['system:masters'] }
  return makeClient({ handler, identity, userAgent: 'kube-apiserver', clock })
}

/** How many objects a list of this would go through. */
function objectCount(store: Store, served: Served, info: RequestInfo): number {
  const { group, version, resource, namespace } = info
  const kind = served.endpoint(endpointKey(group, version, resource))?.kind
  return kind === undefined ? 0 : store.count(scopePrefix(kind, kind.namespaced ? namespace : ''))
}

/** Lists are kept until the first event below their prefix. */
function storeChanges(store: Store) {
  return {
    watch(prefix: string, onChange: () => void): () => void {
      const watch = store.watch(prefix, store.revision(), onChange)
      // The newest revision can always be followed.
      return watch.ok ? watch.value.cancel : () => {}
    },
  }
}
