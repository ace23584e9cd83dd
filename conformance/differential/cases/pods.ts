import { after, type Case, del, get, patch, post, put, type Step } from '../case.ts'
import { pod } from '../samples.ts'

const all = '/api/v1/namespaces/{{ns}}/pods'
const one = `${all}/one`
const create = (spec: object, metadata: object = {}): Step => post(all, pod('two', spec, metadata))
const container = (more: object): Step => create({ containers: [{ name: 'c', image: 'i', ...more }] })
const volume = (more: object): Step => create({ volumes: [{ name: 'v', ...more }] })
const binding = (node: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'one', ...more },
  target: { kind: 'Node', name: node },
})
const bind = post(`${one}/binding`, binding('{{ns}}-node'))
const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } }

/** Pods: defaults, rules, what may change, and how they go. */
export function podCases(): readonly Case[] {
  return [...defaulted(), ...refused(), ...changed(), ...deleted(), ...subresources()]
}

function defaulted(): readonly Case[] {
  const probe = { httpGet: { port: 80 } }
  return after('pod made', [], {
    'with ports and probes': container({
      ports: [{ containerPort: 80 }],
      livenessProbe: probe,
      readinessProbe: { exec: { command: ['x'] } },
      startupProbe: { tcpSocket: { port: 'http' } },
    }),
    'with resources': container({ resources: { limits: { cpu: '1.50', memory: '1024Mi' }, requests: { cpu: '0.1' } } }),
    guaranteed: container({ resources: { limits: { cpu: 1, memory: '1Gi' } } }),
    'with environment': container({
      env: [
        { name: 'A', value: 'b' },
        { name: 'N', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        { name: 'R', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
      envFrom: [{ configMapRef: { name: 'x' } }],
    }),
    'with volumes': create({
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', configMap: { name: 'x' } },
        { name: 'c', secret: { secretName: 'x' } },
        { name: 'd', hostPath: { path: '/x' } },
        {
          name: 'e',
          projected: {
            sources: [{ downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
          },
        },
      ],
    }),
    'with init containers': create({
      initContainers: [
        { name: 'i', image: 'x' },
        { name: 's', image: 'x', restartPolicy: 'Always' },
      ],
    }),
    'with images': create({
      containers: [
        { name: 'a', image: 'x:latest' },
        { name: 'b', image: 'x@sha256:abc' },
        { name: 'c', image: 'host:5000/x' },
      ],
    }),
    'on the host network': create({
      hostNetwork: true,
      containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }],
    }),
    'with lifecycle': container({
      lifecycle: { preStop: { httpGet: { port: 80 } }, postStart: { exec: { command: ['x'] } } },
    }),
    'with affinity': create({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
          },
        },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: 'x', labelSelector: {} } },
          ],
        },
      },
    }),
    'with spread': create({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'x', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
    }),
    'with tolerations': create({ tolerations: [{ operator: 'Exists' }] }),
    'with security': create({
      securityContext: { runAsUser: 1, fsGroup: 2, sysctls: [{ name: 'kernel.shm_rmid_forced', value: '0' }] },
      containers: [
        { name: 'c', image: 'i', securityContext: { privileged: true, capabilities: { add: ['NET_ADMIN'] } } },
      ],
    }),
    'with a priority class': create({ priorityClassName: 'system-node-critical' }),
    'with gates': create({ schedulingGates: [{ name: 'a.test/x' }] }),
    'with overhead unasked': create({ overhead: { cpu: '1' } }),
    'without a service account token': create({ automountServiceAccountToken: false }),
    'with a status': post(all, { ...pod('two'), status: { phase: 'Running' } }),
    'as a table': [create({}), get(`${all}/two`, table), get(all, table)],
    'with a node': create({ nodeName: 'n' }),
    'with the old service account': create({ serviceAccount: 'default' }),
    'with a term': create({ terminationGracePeriodSeconds: -5 }),
    'with a sub path': create({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'b' }] }],
    }),
  })
}

function refused(): readonly Case[] {
  return after('pod refused', [], {
    'without containers': create({ containers: [] }),
    'without a spec': post(all, { metadata: { name: 'two' } }),
    'for a container without a name': create({ containers: [{ image: 'i' }] }),
    'for a container without an image': create({ containers: [{ name: 'c' }] }),
    'for an image of spaces': create({ containers: [{ name: 'c', image: ' i ' }] }),
    'for two of a name': create({
      containers: [
        { name: 'c', image: 'i' },
        { name: 'c', image: 'i' },
      ],
    }),
    'for a bad container name': create({ containers: [{ name: 'C_', image: 'i' }] }),
    'for a restart policy': create({ restartPolicy: 'Sometimes' }),
    'for a DNS policy': create({ dnsPolicy: 'Other' }),
    'for DNS without servers': create({ dnsPolicy: 'None' }),
    'for a pull policy': container({ imagePullPolicy: 'Other' }),
    'for a port': container({
      ports: [
        { containerPort: 0 },
        { containerPort: 70000 },
        { containerPort: 1, protocol: 'X' },
        { containerPort: 2, name: 'TOO_LONG_A_NAME_IT_IS' },
      ],
    }),
    'for ports of one name': container({
      ports: [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
    }),
    'for a host port': container({ ports: [{ containerPort: 1, hostPort: 70000 }] }),
    'for host ports that clash': container({
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80 },
      ],
    }),
    'for a quantity': container({ resources: { requests: { cpu: 'much' } } }),
    'for a negative quantity': container({ resources: { requests: { cpu: '-1' } } }),
    'for a request over its limit': container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    'for a resource': container({ resources: { requests: { other: '1' } } }),
    'for huge pages alone': container({ resources: { limits: { 'hugepages-2Mi': '2Mi' } } }),
    'for an environment': container({
      env: [
        { name: '' },
        { name: 'a=b', value: 'x' },
        { name: 'b', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'c', valueFrom: {} },
      ],
    }),
    'for a field reference': container({ env: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'spec.other' } } }] }),
    'for a probe': container({
      livenessProbe: { successThreshold: 2, httpGet: { port: 80 } },
      readinessProbe: {},
      startupProbe: { httpGet: { port: 0 }, exec: { command: [] } },
    }),
    'for a probe of nothing': container({ livenessProbe: { periodSeconds: -1, exec: {} } }),
    'for a mount of nothing': container({ volumeMounts: [{ name: 'none', mountPath: '/x' }] }),
    'for mounts of one path': create({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        {
          name: 'c',
          image: 'i',
          volumeMounts: [
            { name: 'v', mountPath: '/a' },
            { name: 'v', mountPath: '/a' },
          ],
        },
      ],
    }),
    'for a sub path': create({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/a', subPath: '../b' }] }],
    }),
    'for a volume of two sorts': volume({ emptyDir: {}, hostPath: { path: '/x' } }),
    'for a volume of none': volume({}),
    'for a volume name': create({ volumes: [{ name: 'V_', emptyDir: {} }] }),
    'for volumes of one name': create({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
    'for a host path': volume({ hostPath: { path: '', type: 'Other' } }),
    'for a secret volume': volume({ secret: { secretName: '', defaultMode: 9999 } }),
    'for a configmap item': volume({ configMap: { name: 'x', items: [{ key: '', path: '/abs' }] } }),
    'for a projected token': volume({
      projected: { sources: [{ serviceAccountToken: { expirationSeconds: 1, path: '' } }] },
    }),
    'for a node selector': create({ nodeSelector: { 'bad key!': 'x' } }),
    'for a toleration': create({
      tolerations: [
        { operator: 'Exists', value: 'x' },
        { key: 'a', effect: 'Other' },
        { operator: 'Equal' },
        { key: 'a', tolerationSeconds: 5 },
      ],
    }),
    'for an affinity': create({
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] },
      },
    }),
    'for a weight': create({
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: '' } }],
        },
      },
    }),
    'for a spread': create({
      topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Other' }],
    }),
    'for a deadline': create({ activeDeadlineSeconds: 0 }),
    'for a host name': create({ hostname: 'UPPER', subdomain: 'a_b' }),
    'for host aliases': create({ hostAliases: [{ ip: 'x', hostnames: ['A_'] }] }),
    'for a sysctl': create({
      securityContext: {
        sysctls: [
          { name: 'BAD!', value: 'x' },
          { name: 'net.x', value: '' },
        ],
        runAsUser: -1,
      },
    }),
    'for capabilities': container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    'for a process namespace twice': create({ hostPID: true, shareProcessNamespace: true }),
    'for a service account': create({ serviceAccountName: 'none' }),
    'for a service account name': create({ serviceAccountName: 'Bad_' }),
    'for a priority class': create({ priorityClassName: 'none' }),
    'for a priority': create({ priority: 5 }),
    'for a runtime class': create({ runtimeClassName: 'none' }),
    'for a scheduler': create({ schedulerName: 'Bad_' }),
    'for ephemeral containers': create({ ephemeralContainers: [{ name: 'e', image: 'i' }] }),
    'for init containers': create({
      initContainers: [{ name: 'c', image: 'i', restartPolicy: 'Never', livenessProbe: { exec: { command: ['x'] } } }],
    }),
    'for a gate': create({ schedulingGates: [{ name: 'bad name' }, { name: 'a' }, { name: 'a' }] }),
    'for readiness gates': create({ readinessGates: [{ conditionType: 'bad type!' }] }),
    'for pull secrets': create({ imagePullSecrets: [{ name: '' }] }, {}),
    'for types': create({ hostNetwork: 'yes', containers: { name: 'c' } }),
    'for a lifecycle': container({ lifecycle: { preStop: {}, postStart: { exec: { command: [] } } } }),
    'for a term message': container({ terminationMessagePolicy: 'Other' }),
    'for an OS': create({ os: { name: 'plan9' } }),
  })
}

function changed(): readonly Case[] {
  return after('pod changed', [post(all, pod('one', { terminationGracePeriodSeconds: 5 }))], {
    'in its image': patch('strategic', one, { spec: { containers: [{ name: 'c', image: 'j' }] } }),
    'in its command': patch('strategic', one, { spec: { containers: [{ name: 'c', command: ['x'] }] } }),
    'by another container': patch('strategic', one, { spec: { containers: [{ name: 'd', image: 'j' }] } }),
    'by fewer containers': patch('json', one, [{ op: 'remove', path: '/spec/containers/0' }]),
    'in its deadline': [
      patch('merge', one, { spec: { activeDeadlineSeconds: 9 } }),
      patch('merge', one, { spec: { activeDeadlineSeconds: 10 } }),
      patch('merge', one, { spec: { activeDeadlineSeconds: 8 } }),
    ],
    'by a toleration': [
      patch('strategic', one, { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } }),
      patch('json', one, [{ op: 'remove', path: '/spec/tolerations/0' }]),
    ],
    'in its node': patch('merge', one, { spec: { nodeName: 'n' } }),
    'in its labels': patch('merge', one, { metadata: { labels: { a: 'b' } } }),
    'in its status, by the main path': patch('merge', one, { status: { phase: 'Running' } }),
    'in its status': [
      patch('merge', `${one}/status`, { status: { phase: 'Running', podIP: '10.0.0.1' } }),
      get(`${one}/status`),
      patch('strategic', `${one}/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
    ],
    'in its spec, by the status path': patch('merge', `${one}/status`, {
      spec: { nodeName: 'x' },
      metadata: { labels: { a: 'b' } },
    }),
    'in its status, wrongly': [
      patch('merge', `${one}/status`, { status: { phase: 'Other' } }),
      patch('merge', `${one}/status`, { status: { podIP: 'x' } }),
      patch('merge', `${one}/status`, { status: { qosClass: 'Guaranteed' } }),
    ],
    'in its term': patch('merge', one, { spec: { terminationGracePeriodSeconds: 6 } }),
    'by PUT of little': put(one, pod('one')),
    'by apply': [
      patch('apply', `${one}?fieldManager=me`, pod('one')),
      patch('apply', `${one}?fieldManager=me&force=true`, pod('one', { containers: [{ name: 'c', image: 'k' }] })),
    ],
    'in ephemeral containers': [
      get(`${one}/ephemeralcontainers`),
      patch('strategic', `${one}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }),
      patch('strategic', `${one}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'j' }] } }),
      patch('strategic', `${one}/ephemeralcontainers`, {
        spec: { ephemeralContainers: [{ name: 'f', image: 'i', ports: [{ containerPort: 1 }] }] },
      }),
      patch('merge', `${one}/ephemeralcontainers`, { spec: { ephemeralContainers: [] } }),
    ],
    'in resources': [
      get(`${one}/resize`),
      patch('strategic', `${one}/resize`, {
        spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
      }),
    ],
  })
}

function deleted(): readonly Case[] {
  const before = [post('/api/v1/nodes', { metadata: { name: '{{ns}}-node' } }), post(all, pod('one'))]
  return after('pod deleted', before, {
    unbound: [del(one), get(one)],
    bound: [
      bind,
      get(one),
      del(one),
      get(one),
      del(`${one}?gracePeriodSeconds=5`),
      del(one, { gracePeriodSeconds: 0 }),
      get(one),
    ],
    'bound, in ten seconds': [bind, del(`${one}?gracePeriodSeconds=10`), del(`${one}?gracePeriodSeconds=60`)],
    'bound, at once': [bind, del(one, { gracePeriodSeconds: 0 })],
    'bound, and failed': [bind, patch('merge', `${one}/status`, { status: { phase: 'Failed' } }), del(one)],
    'bound, by dry run': [bind, del(`${one}?dryRun=All`), get(one)],
    'bound, with a finalizer': [
      bind,
      patch('merge', one, { metadata: { finalizers: ['diff.test/x'] } }),
      del(one),
      del(one, { gracePeriodSeconds: 0 }),
      get(one),
      patch('merge', one, { metadata: { finalizers: null } }),
      get(one),
    ],
    'bound, watched': [
      bind,
      del(`${one}?gracePeriodSeconds=1`),
      del(one, { gracePeriodSeconds: 0 }),
      get(`${all}?watch=1&timeoutSeconds=3&resourceVersion={{1.metadata.resourceVersion}}`, { events: 3 }),
    ],
    'unbound, watched': [
      del(one),
      get(`${all}?watch=1&timeoutSeconds=3&resourceVersion={{1.metadata.resourceVersion}}`, { events: 1 }),
    ],
    'all bound': [bind, del(all), get(all)],
    'by eviction': [
      bind,
      post(`${one}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'one' } }),
      get(one),
    ],
    'by eviction with options': [
      bind,
      post(`${one}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'one' },
        deleteOptions: { gracePeriodSeconds: 0 },
      }),
      get(one),
    ],
    'by eviction of another': [
      post(`${one}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'two' } }),
      post(`${all}/none/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'none' } }),
    ],
    'by eviction for its uid': post(`${one}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'one' },
      deleteOptions: { preconditions: { uid: 'x' } },
    }),
    'by eviction, tried': [
      post(`${one}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'one' },
        deleteOptions: { dryRun: ['All'] },
      }),
      get(one),
    ],
  })
}

function subresources(): readonly Case[] {
  const before = [post('/api/v1/nodes', { metadata: { name: '{{ns}}-node' } }), post(all, pod('one'))]
  return after('pod subresource', before, {
    'bound twice': [bind, bind, post(`${one}/binding`, binding('other'))],
    'bound by the old path': [post('/api/v1/namespaces/{{ns}}/bindings', binding('{{ns}}-node')), get(one)],
    'bound to nothing': [
      post(`${one}/binding`, { metadata: { name: 'one' }, target: {} }),
      post(`${one}/binding`, { metadata: { name: 'one' }, target: { kind: 'Other', name: 'x' } }),
    ],
    'bound where it is not': post(`${all}/none/binding`, {
      metadata: { name: 'none' },
      target: { kind: 'Node', name: 'n' },
    }),
    'bound by another uid': post(`${one}/binding`, binding('n', { uid: '11111111-1111-4111-8111-111111111111' })),
    'bound with annotations': [post(`${one}/binding`, binding('{{ns}}-node', { annotations: { a: 'b' } })), get(one)],
    'bound by dry run': [post(`${one}/binding?dryRun=All`, binding('{{ns}}-node')), get(one)],
    'log of one unbound': get(`${one}/log`),
    'log of nothing': get(`${all}/none/log`),
    'log of a container unknown': [bind, get(`${one}/log?container=x`)],
    'log with bad options': [
      bind,
      get(`${one}/log?tailLines=-1`),
      get(`${one}/log?sinceSeconds=0`),
      get(`${one}/log?limitBytes=0`),
    ],
    'exec unbound': post(`${one}/exec?command=x&stdout=1`, ''),
    'exec of nothing': post(`${all}/none/exec?command=x`, ''),
    'exec without a command': [bind, post(`${one}/exec?stdout=1`, '')],
    'selected by node': [
      bind,
      get(`${all}?fieldSelector=spec.nodeName={{ns}}-node`),
      get(`${all}?fieldSelector=spec.nodeName!={{ns}}-node`),
      get(`${all}?fieldSelector=status.phase=Pending`),
      get(`${all}?fieldSelector=spec.restartPolicy=Never`),
      get(`${all}?fieldSelector=status.podIP=`),
      get(`${all}?fieldSelector=spec.containers=x`),
    ],
  })
}
