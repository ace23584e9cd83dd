import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../api/kinds.generated.ts'
import { answerQuery } from './dns-answer.ts'
import { makeDnsRecords } from './dns-records.ts'

const config = { zone: 'cluster.local', serverIp: '10.96.0.10' }

function service(name: string, spec: Service['spec']): Service {
  return { metadata: { namespace: 'x', name }, spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec } }
}

function slice(name: string, endpoints: EndpointSlice['endpoints'], port = 8080): EndpointSlice {
  const metadata = { namespace: 'x', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } }
  return { metadata, addressType: 'IPv4', ports: [{ name: 'http', port, protocol: 'TCP' }], endpoints: endpoints ?? [] }
}

const records = makeDnsRecords()
records.setNamespace('x', true)
records.setService('x/web', service('web', { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20'] }))
records.setSlice('x/web-1', slice('web', [{ addresses: ['10.244.0.4'] }]))
records.setService('x/db', service('db', { clusterIP: 'None' }))
records.setSlice(
  'x/db-1',
  slice('db', [
    { addresses: ['10.244.0.5'], hostname: 'db-0' },
    { addresses: ['10.244.0.6'] },
    { addresses: ['10.244.0.7'], hostname: 'db-2', conditions: { ready: false } },
  ]),
)
records.setService('x/empty', service('empty', { clusterIP: 'None' }))
records.setService('x/elsewhere', service('elsewhere', { type: 'ExternalName', externalName: 'example.com.' }))

/** 'RCODE: data, data' */
function ask(name: string, type: string): string {
  const answer = answerQuery({ name, type }, records, config)
  if (answer.type === 'forward') return 'forward'
  if (answer.type === 'alias') return `alias ${answer.target}`
  const show = (data: unknown): string => {
    if (typeof data !== 'object' || data === null) return String(data)
    if (Array.isArray(data)) return data.join(' ')
    const { priority, weight, port, target } = data as Record<string, unknown>
    return target === undefined ? 'soa' : `${priority} ${weight} ${port} ${target}`
  }
  const list = [...answer.answers, ...answer.authorities].map(({ data }) => show(data))
  return `${answer.rcode}: ${list.join(', ')}`
}

const nothing = 'NOERROR: soa'
const missing = 'NXDOMAIN: soa'
const cases: readonly (readonly [name: string, type: string, expected: string])[] = [
  // 2.3 Services with a cluster IP
  ['web.x.svc.cluster.local', 'A', 'NOERROR: 10.96.0.20'],
  ['WEB.x.Svc.Cluster.Local', 'A', 'NOERROR: 10.96.0.20'],
  ['web.x.svc.cluster.local', 'AAAA', nothing],
  ['web.x.svc.cluster.local', 'MX', nothing],
  ['_http._tcp.web.x.svc.cluster.local', 'SRV', 'NOERROR: 0 100 80 web.x.svc.cluster.local'],
  ['_https._tcp.web.x.svc.cluster.local', 'SRV', missing],
  ['_http._udp.web.x.svc.cluster.local', 'SRV', missing],
  ['_tcp.web.x.svc.cluster.local', 'SRV', nothing],
  ['20.0.96.10.in-addr.arpa', 'PTR', 'NOERROR: web.x.svc.cluster.local'],
  // 2.4 Headless services
  ['db.x.svc.cluster.local', 'A', 'NOERROR: 10.244.0.5, 10.244.0.6'],
  ['db-0.db.x.svc.cluster.local', 'A', 'NOERROR: 10.244.0.5'],
  ['10-244-0-6.db.x.svc.cluster.local', 'A', 'NOERROR: 10.244.0.6'],
  ['db-2.db.x.svc.cluster.local', 'A', missing],
  ['db-0.db.x.svc.cluster.local', 'AAAA', nothing],
  [
    '_http._tcp.db.x.svc.cluster.local',
    'SRV',
    'NOERROR: 0 50 8080 db-0.db.x.svc.cluster.local, 0 50 8080 10-244-0-6.db.x.svc.cluster.local',
  ],
  ['5.0.244.10.in-addr.arpa', 'PTR', 'NOERROR: db-0.db.x.svc.cluster.local'],
  ['4.0.244.10.in-addr.arpa', 'PTR', 'forward'],
  ['empty.x.svc.cluster.local', 'A', missing],
  // 2.5 External names
  ['elsewhere.x.svc.cluster.local', 'A', 'alias example.com'],
  ['elsewhere.x.svc.cluster.local', 'CNAME', 'alias example.com'],
  // Pods, by address
  ['10-244-0-9.x.pod.cluster.local', 'A', 'NOERROR: 10.244.0.9'],
  ['10-244-0-9.nowhere.pod.cluster.local', 'A', missing],
  ['10-244-0-999.x.pod.cluster.local', 'A', missing],
  // 2.2 The version, and what a zone has besides
  ['dns-version.cluster.local', 'TXT', 'NOERROR: 1.1.0'],
  ['dns-version.cluster.local', 'A', nothing],
  ['cluster.local', 'NS', 'NOERROR: ns.dns.cluster.local'],
  ['ns.dns.cluster.local', 'A', 'NOERROR: 10.96.0.10'],
  ['cluster.local', 'A', nothing],
  // Names in between exist, without records; others do not
  ['svc.cluster.local', 'A', nothing],
  ['x.svc.cluster.local', 'A', nothing],
  ['nowhere.svc.cluster.local', 'A', missing],
  ['nothing.x.svc.cluster.local', 'A', missing],
  ['nothing.cluster.local', 'A', missing],
  // What a resolver with ndots:5 tries on the way to a name outside
  ['example.com.x.svc.cluster.local', 'A', missing],
  ['example.com.svc.cluster.local', 'A', missing],
  ['example.com.cluster.local', 'A', missing],
  ['example.com', 'A', 'forward'],
  ['notcluster.local', 'A', 'forward'],
  ['1.1.1.1.in-addr.arpa', 'PTR', 'forward'],
]

describe('the answer to a cluster name', () => {
  it.each(cases)('%s %s → %s', (name, type, expected) => {
    expect(ask(name, type)).toBe(expected)
  })

  it('brings the addresses of SRV targets along', () => {
    const answer = answerQuery({ name: '_http._tcp.db.x.svc.cluster.local', type: 'SRV' }, records, config)
    expect(answer.type === 'answer' && answer.additionals.map(({ name, data }) => `${name} ${String(data)}`)).toEqual([
      'db-0.db.x.svc.cluster.local 10.244.0.5',
      '10-244-0-6.db.x.svc.cluster.local 10.244.0.6',
    ])
  })

  it('repeats the name in the case it was asked in, as resolvers check', () => {
    const answer = answerQuery({ name: 'wEb.x.svc.cluster.local', type: 'A' }, records, config)
    expect(answer.type === 'answer' && answer.answers[0]?.name).toBe('wEb.x.svc.cluster.local')
  })

  it('follows its services and slices', () => {
    const view = makeDnsRecords()
    const question = { name: 'db.x.svc.cluster.local', type: 'A' }
    const addresses = (): readonly unknown[] => {
      const answer = answerQuery(question, view, config)
      return answer.type === 'answer' ? answer.answers.map(({ data }) => data) : []
    }
    view.setService('x/db', service('db', { clusterIP: 'None' }))
    expect(addresses()).toEqual([])
    view.setSlice('x/db-1', slice('db', [{ addresses: ['10.244.0.5'] }]))
    expect(addresses()).toEqual(['10.244.0.5'])
    expect(view.owners('10.244.0.5')).toHaveLength(1)
    view.setSlice('x/db-1', slice('db', [{ addresses: ['10.244.0.6'] }]))
    expect(addresses()).toEqual(['10.244.0.6'])
    view.setSlice('x/db-1', undefined)
    view.setService('x/db', undefined)
    expect(addresses()).toEqual([])
    expect(view.owners('10.244.0.6')).toEqual([])
  })
})
