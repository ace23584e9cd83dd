import { describe, expect, it } from 'vitest'
import { simMachine } from '../host/sim/machine.ts'
import { type FileKeyRef, fileKeyValue, parseEnvFile } from './env-file.ts'

const text = `# a comment

 ONE='1'
EMPTY= 'not this'
TWO='a # b'   # behind it
MANY='first
second'
ONE='later'
`

describe('a file of variables', () => {
  it.each([
    ['ONE', '1'],
    ['EMPTY', ''],
    ['TWO', 'a # b'],
    ['MANY', 'first\nsecond'],
    ['NONE', ''],
  ])('%s', (key, value) => {
    expect(parseEnvFile(text, key)).toEqual({ ok: true, value })
  })

  it.each([
    ['A', "invalid environment variable format at line 1: missing '='"],
    ["='a'", 'invalid environment variable format at line 1: empty variable name'],
    ["A ='a'", "invalid environment variable format at line 1: whitespace before '=' is not allowed"],
    ['\nA=a', 'invalid environment variable format at line 2: value must be enclosed in single quotes'],
    ["A='a'b", 'invalid environment variable format at line 1: unexpected content after closing quote'],
    ["A='a\nb", 'invalid environment variable format starting at line 1: unclosed single quote'],
  ])('%j is refused in the words of the original', (bad, error) => {
    expect(parseEnvFile(bad, 'X')).toEqual({ ok: false, error })
  })
})

describe('a variable out of a file of a volume', () => {
  const read = async (ref: FileKeyRef) => {
    const { disk, clock } = simMachine()
    const volumes = new Map([['env', { path: '/volumes/env', readOnly: false }]])
    const work = async () => {
      await disk.makeDirectory('/volumes/env')
      await disk.writeFile('/volumes/env/a.env', new TextEncoder().encode(text))
      await disk.writeFile('/secret', new TextEncoder().encode("ONE='stolen'"))
      await disk.makeSymlink('/volumes/env/out', '../../secret')
      return fileKeyValue(disk, volumes, ref)
    }
    let outcome: Awaited<ReturnType<typeof fileKeyValue>> | undefined
    void work().then((done) => (outcome = done))
    await clock.runUntilTrue(() => outcome !== undefined, clock.nowMs() + 1000)
    return outcome
  }

  it('is what its key says; an optional one may be missing', async () => {
    const ref = { volumeName: 'env', path: 'a.env', key: 'ONE' }
    expect(await read(ref)).toEqual({ ok: true, value: '1' })
    expect(await read({ ...ref, key: 'NONE', optional: true })).toEqual({ ok: true, value: undefined })
    expect(await read({ ...ref, key: 'NONE' })).toEqual({
      ok: false,
      error: 'environment variable key "NONE" not found in file "/volumes/env/a.env"',
    })
  })

  it('comes from nowhere but the volume', async () => {
    const bad = { ok: false, error: "couldn't parse env file" }
    expect(await read({ volumeName: 'env', path: 'out', key: 'ONE' })).toEqual(bad)
    expect(await read({ volumeName: 'env', path: 'none', key: 'ONE', optional: true })).toEqual(bad)
    expect(await read({ volumeName: 'other', path: 'a.env', key: 'ONE' })).toEqual({
      ok: false,
      error: 'cannot find the volume "other" referenced by FileKeyRef',
    })
  })
})
