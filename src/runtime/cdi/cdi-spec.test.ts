import { describe, expect, it } from 'vitest'
import { fail, ok } from '../../api/result.ts'
import { editedHooks, editedMounts, grantedDevices } from '../plan/container-devices.ts'
import { editsFor, parseCdiSpec } from './cdi-spec.ts'

const yaml = `
cdiVersion: 0.6.0
kind: example.com/fan
containerEdits:
  env: [FANS=yes]
devices:
- name: one
  containerEdits:
    env: [FAN=one]
    deviceNodes:
    - {path: /dev/fan0, hostPath: /dev/null, permissions: rw}
    mounts:
    - {hostPath: /lib/fan, containerPath: /lib/fan, options: [ro]}
    hooks:
    - {hookName: createContainer, path: /bin/spin, args: [spin]}
- name: two
`

const spec = parseCdiSpec(yaml)
const override = { kind: 'example.com/fan', devices: [{ name: 'two', containerEdits: { env: ['FAN=other'] } }] }

describe('devices of the Container Device Interface', () => {
  it('bring the edits of their specification once, and their own', () => {
    if (!spec.ok) throw new Error(spec.error)
    const edits = editsFor(['example.com/fan=one', 'example.com/fan=two'], [[spec.value], []])
    expect(edits.ok && edits.value.flatMap(({ env = [] }) => env)).toEqual(['FANS=yes', 'FAN=one'])
    const overridden = editsFor(['example.com/fan=two'], [[spec.value], [override]])
    expect(overridden).toEqual(ok([{ env: ['FAN=other'] }]))
  })

  it('must be known, and known once', () => {
    if (!spec.ok) throw new Error(spec.error)
    const unresolvable = fail('CDI device injection failed: unresolvable CDI devices example.com/fan=three')
    expect(editsFor(['example.com/fan=three'], [[spec.value]])).toEqual(unresolvable)
    expect(editsFor(['example.com/fan=two'], [[spec.value, override]]).ok).toBe(false)
  })

  it('become devices, mounts and hooks of the container', async () => {
    if (!spec.ok) throw new Error(spec.error)
    const edits = editsFor(['example.com/fan=one'], [[spec.value]])
    if (!edits.ok) throw new Error(edits.error)
    const null0 = { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 } as const
    const source = async (path: string) => (path === '/dev/null' ? [null0] : [])
    expect(await grantedDevices([], edits.value, source)).toEqual(
      ok([{ device: { ...null0, path: '/dev/fan0' }, access: 'rw' }]),
    )
    const missing = [{ hostPath: '/dev/none', containerPath: '/dev/none', permissions: '' }]
    expect((await grantedDevices(missing, [], source)).ok).toBe(false)
    expect(editedMounts(edits.value)).toEqual([
      { destination: '/lib/fan', type: 'bind', source: '/lib/fan', options: ['rbind', 'ro'] },
    ])
    expect(editedHooks(edits.value)).toEqual({ createContainer: [{ path: '/bin/spin', args: ['spin'] }] })
  })

  it.each(['[]', 'kind: x', 'kind: a/b', ': :'])('are none in %s', (text) => {
    expect(parseCdiSpec(text).ok).toBe(false)
  })
})
