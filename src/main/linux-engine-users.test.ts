import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../runtime/engine/engine.ts'
import { able, end, hasCrun, linuxEngineBench, value } from './test-linux-engine.ts'

const { base, runDirectory, openFirst, begin, remove } = linuxEngineBench('test-users')

describe.runIf(able)('the engine on Linux', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openFirst()
  })
  afterAll(() => remove(engine))

  it('gives a pod users of its own, who are nobody outside and own what is theirs inside', async () => {
    expect((await engine.status()).handlers[0]?.userNamespaces).toBe(hasCrun)
    if (!hasCrun) return
    const volume = `${base}/volume`
    mkdirSync(volume)
    const mounts = [{ hostPath: volume, containerPath: '/volume', readOnly: false, propagation: 'private' as const }]
    const script =
      'id -u; stat -c %u / /bin /volume /dev/shm; touch /volume/new /bin/new && stat -c %u /bin/new; chown 5:5 /volume/new; hostname; cat /etc/note; while [ ! -e /volume/stop ]; do sleep 0.02; done'
    const users = { firstId: 65_536 * 9, count: 65_536 }
    const files = { note: 'read\n' }
    const { id, sandboxId, logPath } = await begin(engine, script, { mounts }, { users, files, processes: 'pod' })
    await engine.execSync(
      id,
      ['sh', '-c', 'while [ "$(stat -c %u /volume/new)" != 5 ]; do sleep 0.02; done'],
      10_000,
      10,
    )
    const pid = await engine.processOf(id)
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t589824\t/m)
    expect(statSync(`${volume}/new`).uid).toBe(5)
    const { stdout } = value(await engine.execSync(id, ['cat', '/proc/self/uid_map', '/proc/1/comm'], 10_000, 100))
    expect(new TextDecoder().decode(stdout).split(/\s+/).slice(1, 5)).toEqual(['0', '589824', '65536', 'pause'])
    await engine.execSync(id, ['touch', '/volume/stop'], 10_000, 10)
    await end(engine, id)
    const told = readFileSync(logPath, 'utf8')
      .split('\n')
      .map((line) => line.split(' ').slice(3).join(' '))
    expect(told.slice(0, 8)).toEqual(['0', '0', '0', '0', '0', '0', 'box', 'read'])
    value(await engine.removeSandbox(sandboxId))
    expect(readdirSync(`${runDirectory}/layers`)).toEqual([])
  })
})
