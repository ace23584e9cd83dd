import { expect, it } from 'vitest'
import type { Firewall, FirewallTable, FirewallUpdate } from '../../ports/firewall.ts'

export type FirewallUnderTest = Readonly<{
  firewall: Firewall
  run: <T>(promise: Promise<T>) => Promise<T>
  table: string
}>

const done = { ok: true, value: undefined }

function sample(name: string): FirewallTable {
  return {
    name,
    lookups: [
      {
        name: 'ports',
        key: ['inet_proto', 'inet_service'],
        value: 'verdict',
        elements: [{ key: 'tcp . 80', value: 'goto web' }],
      },
      {
        name: 'to-2',
        key: ['inet_proto', 'inet_service', 'index'],
        value: ['ipv4_addr', 'inet_service'],
        elements: [],
      },
      { name: 'inside', key: ['ipv4_addr'], interval: true, elements: [{ key: '10.0.0.0/8' }] },
      {
        name: 'seen',
        key: ['ipv4_addr', 'mark'],
        value: ['ipv4_addr', 'inet_service'],
        dynamicSize: 100,
        elements: [],
      },
    ],
    chains: [
      { name: 'web', rules: ['dnat ip to meta l4proto . th dport . numgen random mod 2 map @to-2'] },
      {
        name: 'in',
        hook: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' },
        rules: ['ip saddr @inside meta l4proto . th dport vmap @ports'],
      },
    ],
  }
}

export function firewallContract(make: () => FirewallUnderTest): void {
  const change = (table: string, changes: FirewallUpdate['changes']): FirewallUpdate => ({
    table,
    lookups: [],
    chains: [],
    changes,
  })

  it('holds a table, whole, however often it is applied', async () => {
    const { firewall, run, table } = make()
    expect(await run(firewall.apply(sample(table)))).toEqual(done)
    expect(await run(firewall.apply(sample(table)))).toEqual(done)
    expect(await run(firewall.elements(table, 'ports'))).toEqual({
      ok: true,
      value: [{ key: 'tcp . 80', value: 'goto web' }],
    })
    expect(await run(firewall.elements(table, 'inside'))).toEqual({ ok: true, value: [{ key: '10.0.0.0/8' }] })
    expect(await run(firewall.remove(table))).toEqual(done)
    expect(await run(firewall.remove(table))).toEqual(done)
    expect(await run(firewall.elements(table, 'ports'))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
  })

  it('changes elements, replacing values, and adds what is new', async () => {
    const { firewall, run, table } = make()
    await run(firewall.apply(sample(table)))
    const update: FirewallUpdate = {
      table,
      chains: [{ name: 'other', rules: ['accept'] }],
      lookups: [{ name: 'more', key: ['ipv4_addr'], elements: [{ key: '1.2.3.4' }] }],
      changes: [
        { lookup: 'ports', remove: ['tcp . 80'], add: [{ key: 'tcp . 80', value: 'goto other' }] },
        { lookup: 'to-2', remove: [], add: [{ key: 'tcp . 80 . 1', value: '10.0.0.2 . 8080' }] },
        { lookup: 'seen', remove: [], add: [{ key: '10.0.0.9 . 7', value: '10.0.0.2 . 8080' }] },
      ],
    }
    expect(await run(firewall.update(update))).toEqual(done)
    expect(await run(firewall.elements(table, 'ports'))).toEqual({
      ok: true,
      value: [{ key: 'tcp . 80', value: 'goto other' }],
    })
    expect(await run(firewall.elements(table, 'to-2'))).toMatchObject({
      ok: true,
      value: [{ value: '10.0.0.2 . 8080' }],
    })
    expect(await run(firewall.elements(table, 'seen'))).toEqual({
      ok: true,
      value: [{ key: '10.0.0.9 . 7', value: '10.0.0.2 . 8080' }],
    })
    expect(await run(firewall.elements(table, 'more'))).toEqual({ ok: true, value: [{ key: '1.2.3.4' }] })
  })

  it('does all of an update or nothing', async () => {
    const { firewall, run, table } = make()
    await run(firewall.apply(sample(table)))
    const good = { lookup: 'ports', remove: [], add: [{ key: 'udp . 53', value: 'drop' }] }
    const bad: readonly (readonly [string, FirewallUpdate['changes'][number]])[] = [
      ['NotFound', { lookup: 'ports', remove: ['tcp . 81'], add: [] }],
      ['NotFound', { lookup: 'nothing', remove: [], add: [{ key: 'tcp . 81', value: 'drop' }] }],
      ['NotFound', { lookup: 'ports', remove: [], add: [{ key: 'tcp . 81', value: 'goto nowhere' }] }],
      ['Exists', { lookup: 'ports', remove: [], add: [{ key: 'tcp . 80', value: 'drop' }] }],
      ['Invalid', { lookup: 'ports', remove: [], add: [{ key: 'tcp . 81', value: 'fly' }] }],
      ['Invalid', { lookup: 'inside', remove: [], add: [{ key: '10.0.0' }] }],
      ['Invalid', { lookup: 'inside', remove: [], add: [{ key: '300.0.0.1' }] }],
    ]
    for (const [code, one] of bad) {
      expect([code, await run(firewall.update(change(table, [good, one])))]).toMatchObject([
        code,
        { ok: false, error: { code } },
      ])
    }
    expect(await run(firewall.elements(table, 'ports'))).toMatchObject({ ok: true, value: [{ key: 'tcp . 80' }] })
  })

  it('refuses a table whose rules name what is not there, and keeps the one before', async () => {
    const { firewall, run, table } = make()
    await run(firewall.apply(sample(table)))
    const broken = { ...sample(table), lookups: [] }
    expect(await run(firewall.apply(broken))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
    const named = { ...sample(table), chains: [{ name: 'masquerade', rules: [] }] }
    expect(await run(firewall.apply(named))).toMatchObject({ ok: false, error: { code: 'Invalid' } })
    expect(await run(firewall.elements(table, 'ports'))).toMatchObject({ ok: true })
  })

  it('updates no table that is not there', async () => {
    const { firewall, run, table } = make()
    const update = change(table, [{ lookup: 'ports', remove: [], add: [{ key: 'udp . 53', value: 'drop' }] }])
    expect(await run(firewall.update(update))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
  })
}
