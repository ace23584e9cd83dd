import { describe, expect, it } from 'vitest'
import type { BuildProgress } from '../runtime/build/build-progress.ts'
import type { BuildRequest } from '../runtime/build/build-run.ts'
import { buildOutput, excerpt } from './build-output.ts'
import { buildBody, readBuildBody } from './build-transfer.ts'

function shown(...progress: readonly BuildProgress[]): string {
  let text = ''
  let nowMs = 0
  const show = buildOutput(
    (more) => {
      text += more
    },
    () => (nowMs += 125),
  )
  for (const each of progress) show(each)
  return text
}

describe('the output of a build', () => {
  it('is as docker prints it: steps by their numbers, told again when another came between', () => {
    expect(
      shown(
        { type: 'step', step: 1, name: '[a 1/2] RUN x' },
        { type: 'output', step: 1, text: 'one\ntw' },
        { type: 'step', step: 2, name: '[b 1/1] COPY y /' },
        { type: 'done', step: 2, isCached: true, tookMs: 3 },
        { type: 'output', step: 1, text: 'o\nrest' },
        { type: 'done', step: 1, isCached: false, tookMs: 1234 },
        { type: 'step', step: 3, name: 'exporting to image' },
        { type: 'failed', step: 3, message: 'the disk is full' },
      ),
    ).toBe(
      [
        '#1 [a 1/2] RUN x',
        '#1 0.125 one',
        '',
        '#2 [b 1/1] COPY y /',
        '#2 CACHED',
        '',
        '#1 [a 1/2] RUN x',
        '#1 0.375 two',
        '#1 0.500 rest',
        '#1 DONE 1.2s',
        '',
        '#3 exporting to image',
        '#3 ERROR: the disk is full',
        '',
      ].join('\n'),
    )
  })

  it('shows the line that is to blame among those around it', () => {
    expect(excerpt('Dockerfile', 'FROM a\nRUN b\nRUN c\n\nRUN d\n', 2)).toBe(
      [
        'Dockerfile:2',
        '-'.repeat(20),
        '   1 |     FROM a',
        '   2 | >>> RUN b',
        '   3 |     RUN c',
        '   4 |',
        '-'.repeat(20),
        '',
      ].join('\n'),
    )
  })
})

describe('what is sent for a build', () => {
  async function* inPieces(chunks: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
  }
  async function* bytes(): AsyncIterable<Uint8Array> {
    yield new TextEncoder().encode('the context')
  }

  it('arrives as it was, however it is cut', async () => {
    const request = { dockerfile: 'FROM "ä"', tags: ['a'] } as unknown as BuildRequest
    for (const size of [1, 7, 1000]) {
      const read = await readBuildBody(inPieces(buildBody(request, bytes()), size))
      expect(read.request).toEqual(request)
      let context = ''
      for await (const chunk of read.context) context += new TextDecoder().decode(chunk)
      expect(context).toBe('the context')
    }
  })

  it('is refused when it breaks off', async () => {
    async function* cut(): AsyncIterable<Uint8Array> {
      yield new TextEncoder().encode('        99{"dock')
    }
    await expect(readBuildBody(cut())).rejects.toThrow('the request broke off')
  })
})
