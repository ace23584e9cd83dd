import { describe, expect, it } from 'vitest'
import type { Container, Service } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { fail, ok } from '../api/result.ts'
import type { PodFacts } from './downward-field.ts'
import { containerEnv, type ObjectSource } from './env.ts'
import { expand } from './expansion.ts'
import { linuxResources, oomScoreAdjust } from './linux-resources.ts'
import { linuxSecurity } from './linux-security.ts'
import { hostsFile, podHostname } from './pod-names.ts'
import { pullCredentials } from './pull-credentials.ts'
import { formatResolvConf, parseResolvConf, podResolver } from './resolv-conf.ts'
import { serviceEnv } from './service-env.ts'
import { testContainer, testPod } from './test-pod.ts'

const expansions: readonly (readonly [string, string])[] = [
  ['$(A)', 'a'],
  ['x$(A)y$(B)', 'xayb'],
  ['$(NONE)', '$(NONE)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$a'],
  ['$(A', '$(A'],
  ['$', '$'],
  ['a$', 'a$'],
  ['$x', '$x'],
  ['$($(A))', '$($(A))'],
]

describe('references to variables', () => {
  it.each(expansions)('%s becomes %s', (text, expanded) => {
    expect(expand(text, (name) => ({ A: 'a', B: 'b' })[name])).toBe(expanded)
  })
})

const facts: PodFacts = {
  podIps: ['10.0.0.7'],
  hostIps: ['192.168.0.1'],
  allocatable: { cpu: '2', memory: '4Gi' },
}
const noFiles = async () => ok(undefined)
const objects: ObjectSource = {
  configMap: async (_, name) =>
    name === 'cm'
      ? ok({ data: { one: '1', two: '2' } } as never)
      : fail({ notFound: true, message: `configmap ${JSON.stringify(name)} not found` }),
  secret: async (_, name) =>
    name === 'sec'
      ? ok({ data: { pass: btoa('s3cret') } } as never)
      : fail({ notFound: true, message: `secret ${JSON.stringify(name)} not found` }),
}

async function envOf(more: Partial<Container>, services: ReadonlyMap<string, string> = new Map()) {
  const container = testContainer('a', more)
  const env = await containerEnv({
    files: noFiles,
    pod: testPod({ containers: [container] }),
    container,
    facts,
    objects,
    services,
  })
  return env.ok ? Object.fromEntries(env.value.map(({ name, value }) => [name, value])) : env.error
}

describe('the environment of a container', () => {
  it('takes env after envFrom, and services last', async () => {
    const services = new Map([
      ['one', 'service'],
      ['HOST', '10.96.0.1'],
    ])
    const env = await envOf(
      {
        envFrom: [{ configMapRef: { name: 'cm' } }, { prefix: 'S_', secretRef: { name: 'sec' } }],
        env: [
          { name: 'two', value: 'own' },
          { name: 'url', value: 'http://$(HOST)/$(two)' },
        ],
      },
      services,
    )
    expect(env).toEqual({ one: '1', two: 'own', S_pass: 's3cret', url: 'http://10.96.0.1/own', HOST: '10.96.0.1' })
  })

  it('tells of the pod and its resources', async () => {
    const env = await envOf({
      resources: { limits: { memory: '100M' } },
      env: [
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'NS', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      ],
    })
    expect(env).toEqual({ IP: '10.0.0.7', NS: 'shop', CPU: '2', MEM: '96' })
  })

  it('says what is missing, unless it is optional', async () => {
    const from = (valueFrom: object) => envOf({ env: [{ name: 'X', valueFrom }] })
    expect(await from({ configMapKeyRef: { name: 'no', key: 'k' } })).toBe('configmap "no" not found')
    expect(await from({ configMapKeyRef: { name: 'cm', key: 'k' } })).toBe("couldn't find key k in ConfigMap shop/cm")
    expect(await from({ secretKeyRef: { name: 'sec', key: 'k' } })).toBe("couldn't find key k in Secret shop/sec")
    expect(await from({ secretKeyRef: { name: 'no', key: 'k', optional: true } })).toEqual({})
  })

  it('finds services as docker links', () => {
    const service = (name: string, namespace: string): Stored<Service> =>
      ({
        metadata: { name, namespace },
        spec: { clusterIP: '10.96.0.9', ports: [{ name: 'http', port: 80 }] },
      }) as never
    const services = [service('kubernetes', 'default'), service('my-db', 'shop'), service('far', 'else')]
    expect(Object.fromEntries(serviceEnv(services, 'shop', true))).toMatchObject({
      KUBERNETES_SERVICE_HOST: '10.96.0.9',
      MY_DB_SERVICE_HOST: '10.96.0.9',
      MY_DB_SERVICE_PORT: '80',
      MY_DB_SERVICE_PORT_HTTP: '80',
      MY_DB_PORT: 'tcp://10.96.0.9:80',
      MY_DB_PORT_80_TCP_ADDR: '10.96.0.9',
    })
    expect([...serviceEnv(services, 'shop', true).keys()].some((name) => name.startsWith('FAR'))).toBe(false)
    expect([...serviceEnv(services, 'shop', false).keys()].some((name) => name.startsWith('MY_DB'))).toBe(false)
  })
})

describe('names', () => {
  it('are resolved in the cluster first', () => {
    const host = parseResolvConf('nameserver 1.1.1.1\nsearch example.com.\noptions timeout:2\n')
    const of = (spec: Parameters<typeof testPod>[0]) =>
      formatResolvConf(
        podResolver({ pod: testPod(spec), host, clusterDnsIp: '10.96.0.10', clusterDomain: 'cluster.local' }).resolver,
      )
    expect(of({})).toBe(
      'search shop.svc.cluster.local svc.cluster.local cluster.local example.com\nnameserver 10.96.0.10\noptions ndots:5\n',
    )
    expect(of({ hostNetwork: true })).toBe('search example.com\nnameserver 1.1.1.1\noptions timeout:2\n')
    expect(
      of({ dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'], options: [{ name: 'ndots', value: '2' }] } }),
    ).toBe('nameserver 9.9.9.9\noptions ndots:2\n')
  })

  it('stand in the hosts file', () => {
    const pod = testPod({
      hostname: 'web-0',
      subdomain: 'web',
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['x', 'y'] }],
    })
    expect(podHostname(pod, 'cluster.local')).toEqual({ hostname: 'web-0', domain: 'web.shop.svc.cluster.local' })
    const lines = hostsFile(pod, ['10.0.0.7'], 'cluster.local', '').split('\n')
    expect(lines).toContain('10.0.0.7\tweb-0.web.shop.svc.cluster.local\tweb-0')
    expect(lines).toContain('1.2.3.4\tx\ty')
  })
})

describe('what a container may do', () => {
  it.each([
    [{}, 1000, { cpuShares: 2 }],
    [{ requests: { cpu: '500m', memory: '1Gi' } }, 750, { cpuShares: 512 }],
    [
      { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } },
      -997,
      { cpuShares: 1024, cpuQuotaUs: 100_000, cpuPeriodUs: 100_000, memoryLimitBytes: 2 ** 30 },
    ],
  ])('comes from its resources %j', (resources, oomScoreAdj, limits) => {
    const container = testContainer('a', { resources })
    const pod = testPod({ containers: [container] })
    expect(oomScoreAdjust(pod, container, 4 * 2 ** 30)).toBe(oomScoreAdj)
    expect(linuxResources(pod, container, 4 * 2 ** 30)).toEqual({ ...limits, oomScoreAdj })
  })

  it('is never root where that is forbidden', () => {
    const pod = testPod({ securityContext: { runAsNonRoot: true, fsGroup: 7 } })
    const image = (user: string) => ({ id: '', tags: [], digests: [], sizeBytes: 0, user })
    const of = (user: string) => linuxSecurity(pod, testContainer('a'), image(user), '/profiles')
    const where = '(pod: "web_shop(uid-1)", container: a)'
    expect(of('')).toEqual(fail(`container has runAsNonRoot and image will run as root ${where}`))
    expect(of('app')).toEqual(
      fail(`container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root ${where}`),
    )
    expect(of('1000:1000')).toMatchObject({ ok: true, value: { runAsUser: 1000, supplementalGroups: [7] } })
  })

  it('is pulled with the credentials of its registry', () => {
    const auths = {
      'https://index.docker.io/v1/': { auth: btoa('me:pw') },
      'reg.example:5000/team': { username: 'u', password: 'p' },
    }
    const secret = {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': btoa(JSON.stringify({ auths })) },
    }
    expect(pullCredentials('busybox', [secret])).toEqual([{ username: 'me', password: 'pw' }])
    expect(pullCredentials('reg.example:5000/team/app:1', [secret])).toEqual([{ username: 'u', password: 'p' }])
    expect(pullCredentials('reg.example:5000/other/app:1', [secret])).toEqual([])
  })
})
