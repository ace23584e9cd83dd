import { describe, expect, it } from 'vitest'
import { ok } from '../../api/result.ts'
import { linuxDeflate } from '../../host/linux/deflate.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { pipe } from '../../host/sim/pipe.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { Duplex, MessageSocket } from '../../ports/streams.ts'
import { byteChannel } from '../../runtime/streaming/byte-channel.ts'
import { spdyDictionary } from '../../runtime/streaming/spdy-dictionary.ts'
import {
  concat,
  controlFrame,
  controlTypes,
  dataFrames,
  formatHeaders,
  numberBytes,
  readFrames,
} from '../../runtime/streaming/spdy-frame.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { makePodStarts } from '../pod-starts.ts'
import { scriptedRuntime } from '../scripted-runtime.ts'
import { testContainer, testPod } from '../test-pod.ts'
import { kubeletHandler } from './kubelet-handler.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)

/** A kubelet's API over one running pod. */
async function serving() {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const runtime = scriptedRuntime(clock)
  const deps = { clock, disk, runtime, deflate: linuxDeflate(), config: { nodeName: 'n1' } } as unknown as KubeletDeps
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false
    void promise.finally(() => (done = true))
    await clock.runUntilTrue(() => done, clock.nowMs() + 60_000)
    return promise
  }
  const meta = { name: 'web', namespace: 'shop', uid: 'uid-1' }
  const sandbox = await settle(runtime.runSandbox({ pod: meta, attempt: 0, hostNetwork: false } as never))
  if (!sandbox.ok) throw new Error('no sandbox')
  const spec = { name: 'a', attempt: 0, image: 'img:1', logPath: '/log/a/0.log', labels: {} }
  const made = await settle(runtime.createContainer(sandbox.value.id, spec as never))
  if (!made.ok) throw new Error('no container')
  await settle(runtime.startContainer(made.value.id))
  const state = { running: {} }
  const status = { name: 'a', image: 'img:1', imageID: '', ready: true, restartCount: 0, state }
  const containerID = `coracle://${made.value.id}`
  const pod = testPod(
    { containers: [testContainer('a'), testContainer('b')] },
    {},
    {
      containerStatuses: [
        { ...status, containerID },
        { ...status, name: 'b', state: { waiting: { reason: 'ErrImagePull' } } },
      ],
    },
  )
  const noCsi = { space: () => Promise.resolve(undefined) }
  const pods = {
    pods: () => [pod],
    pod: (namespace: string, name: string) => (`${namespace}/${name}` === 'shop/web' ? pod : undefined),
  }
  const handler = kubeletHandler(
    deps,
    pods,
    { latest: () => undefined },
    { probeCounts: { list: () => [] }, podStarts: makePodStarts() },
    noCsi,
  )
  const send = (target: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> =>
    settle(
      handler({
        method: 'GET',
        target,
        headers,
        body: { bytes: async () => ok(new Uint8Array()), chunks: async function* () {} },
        peer: { address: '' },
        closed: new AbortController().signal,
      } satisfies HttpRequest),
    )
  return { clock, disk, runtime, send, settle }
}

function body(response: HttpResponse): readonly [number, string] {
  if (response.type !== 'whole') throw new Error(`a ${response.type}`)
  return [response.status, text(response.body as Uint8Array)]
}

/** A WebSocket with a test at its other end. */
function socketPair() {
  const toServer = byteChannel()
  const sent: (Uint8Array | string)[] = []
  let closed: () => void = () => {}
  const whenClosed = new Promise<void>((resolve) => (closed = resolve))
  const socket: MessageSocket = {
    messages: toServer.chunks,
    send: async (message) => void sent.push(message),
    close: () => closed(),
  }
  return { socket, sent, whenClosed, toServer }
}

const log = [
  '2026-01-01T00:00:01.000000000Z stdout F one',
  '2026-01-01T00:00:02.000000000Z stderr F two',
  '2026-01-01T00:00:03.000000000Z stdout P thr',
  '2026-01-01T00:00:03.000000001Z stdout F ee',
  '2026-01-01T00:00:04.000000000Z stdout F four',
]

const logCases: readonly (readonly [string, string, string])[] = [
  ['everything, pieces joined', '', 'one\ntwo\nthree\nfour\n'],
  ['the last lines', 'tailLines=2', 'ee\nfour\n'],
  ['no lines at all', 'tailLines=0', ''],
  ['more lines than there are', 'tailLines=99', 'one\ntwo\nthree\nfour\n'],
  ['a number of bytes', 'limitBytes=5', 'one\nt'],
  ['what is new enough', 'sinceTime=2026-01-01T00:00:03Z', 'three\nfour\n'],
  [
    'times, once for each line',
    'timestamps=true&tailLines=3',
    '2026-01-01T00:00:03.000000000Z three\n2026-01-01T00:00:04.000000000Z four\n',
  ],
  ['one stream of two', 'stream=Stderr', 'two\n'],
]

describe('container logs', () => {
  it.each(logCases)('shows %s', async (_, query, shown) => {
    const { disk, send, settle } = await serving()
    await settle(disk.makeDirectory('/log/a'))
    await settle(disk.writeFile('/log/a/0.log', bytes(`${log.join('\n')}\n`)))
    const response = await send(`/containerLogs/shop/web/a?${query}`)
    if (response.type !== 'stream') throw new Error(`a ${response.type}`)
    const { sink, chunks } = pipe()
    response.start(sink)
    expect(await settle(all(chunks))).toBe(shown)
  })

  it('follows a log until its container has ended', async () => {
    const { disk, send, settle, runtime, clock } = await serving()
    await settle(disk.makeDirectory('/log/a'))
    const file = await settle(disk.openAppend('/log/a/0.log'))
    await settle(file.append([bytes(`${log[0]}\n`)]))
    const response = await send('/containerLogs/shop/web/a?follow=true')
    if (response.type !== 'stream') throw new Error(`a ${response.type}`)
    const { sink, chunks } = pipe()
    response.start(sink)
    const read = all(chunks)
    await clock.runUntil(clock.nowMs() + 5_000)
    await settle(file.append([bytes(`${log[1]}\n`)]))
    runtime.end('a', 0)
    expect(await settle(read)).toBe('one\ntwo\n')
  })

  it('follows a log through its rotation', async () => {
    const { disk, send, settle, runtime, clock } = await serving()
    await settle(disk.makeDirectory('/log/a'))
    const old = await settle(disk.openAppend('/log/a/0.log'))
    await settle(old.append([bytes(`${log[0]}\n`)]))
    const response = await send('/containerLogs/shop/web/a?follow=true')
    if (response.type !== 'stream') throw new Error(`a ${response.type}`)
    const { sink, chunks } = pipe()
    response.start(sink)
    const read = all(chunks)
    await clock.runUntil(clock.nowMs() + 5_000)
    await settle(disk.rename('/log/a/0.log', '/log/a/0.log.20260101-000000'))
    await clock.runUntil(clock.nowMs() + 5_000)
    await settle(old.append([bytes(`${log[1]}\n`)]))
    const next = await settle(disk.openAppend('/log/a/0.log'))
    await settle(next.append([bytes(`${log[4]}\n`)]))
    runtime.end('a', 0)
    expect(await settle(read)).toBe('one\ntwo\nfour\n')
  })

  it('refuses in the words of the original', async () => {
    const { send } = await serving()
    expect(body(await send('/containerLogs/shop/none/a'))).toEqual([404, 'pod "none" does not exist\n'])
    expect(body(await send('/containerLogs/shop/web/x'))).toEqual([404, 'container "x" not found in pod "web"\n'])
    expect(body(await send('/containerLogs/shop/web/a?previous=true'))).toEqual([
      400,
      'previous terminated container "a" in pod "web" not found',
    ])
    expect(body(await send('/containerLogs/shop/web/b'))).toEqual([
      400,
      'container "b" in pod "web" is waiting to start: image can\'t be pulled',
    ])
    expect(body(await send('/containerLogs/shop/web/a?tailLines=-1'))[0]).toBe(422)
  })
})

async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let whole = ''
  for await (const chunk of chunks) whole += text(chunk)
  return whole
}

const websocket = (protocol: string) => ({ upgrade: 'websocket', 'sec-websocket-protocol': protocol })

describe('exec', () => {
  it('carries stdin, its end, both outputs and the exit code over v5 channels', async () => {
    const { send, runtime } = await serving()
    runtime.script.exec = async (command, io) => {
      await io.stderr(bytes(command.join(' ')))
      for await (const chunk of io.stdin ?? []) await io.stdout(chunk)
      return 3
    }
    const response = await send(
      '/exec/shop/web/a?command=cat&command=-&input=1&output=1&error=1',
      websocket('v5.channel.k8s.io'),
    )
    if (response.type !== 'websocket') throw new Error(`a ${response.type}`)
    expect(response.subprotocol).toBe('v5.channel.k8s.io')
    const { socket, sent, toServer, whenClosed } = socketPair()
    response.start(socket)
    await toServer.push(Uint8Array.of(0, ...bytes('hello')))
    await toServer.push(Uint8Array.of(255, 0))
    await whenClosed
    const frames = sent.map((frame) => [(frame as Uint8Array)[0], text((frame as Uint8Array).subarray(1))])
    expect(frames.slice(0, 3)).toEqual([
      [1, ''],
      [2, 'cat -'],
      [1, 'hello'],
    ])
    expect(frames[3]?.[0]).toBe(3)
    expect(JSON.parse(String(frames[3]?.[1]))).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  it('speaks base64 where it is asked to, and passes window sizes', async () => {
    const { send, runtime } = await serving()
    runtime.script.exec = async (_, io) => {
      for await (const { columns, rows } of io.resizes ?? []) {
        await io.stdout(bytes(`${columns}x${rows}`))
        break
      }
      return 0
    }
    const response = await send(
      '/exec/shop/web/a?command=sh&stdin=true&stdout=true&tty=true',
      websocket('v4.base64.channel.k8s.io'),
    )
    if (response.type !== 'websocket') throw new Error(`a ${response.type}`)
    const { socket, sent, toServer, whenClosed } = socketPair()
    response.start(socket)
    await toServer.push(bytes(`4${btoa('{"Width":80,"Height":24}')}`))
    await whenClosed
    expect(sent).toEqual(['1', `1${btoa('80x24')}`, `3${btoa('{"metadata":{},"status":"Success"}')}`])
  })

  it('refuses what it cannot serve', async () => {
    const { send } = await serving()
    const v5 = websocket('v5.channel.k8s.io')
    expect(body(await send('/exec/shop/web/a?command=x', v5))[0]).toBe(400)
    expect(body(await send('/exec/shop/web/b?command=x&output=1', v5))).toEqual([500, 'container not found ("b")'])
    expect(body(await send('/exec/shop/web/a?command=x&output=1'))[0]).toBe(400)
    expect(body(await send('/exec/shop/web/a?command=x&output=1', websocket('v9.unknown')))[0]).toBe(403)
  })
})

/** A SPDY client's half of a connection. */
async function spdyClient(response: HttpResponse) {
  if (response.type !== 'upgrade') throw new Error(`a ${response.type}`)
  const up = byteChannel()
  const down = byteChannel()
  const duplex: Duplex = {
    readable: up.chunks,
    write: (chunk) => down.push(chunk),
    end: async () => down.end(),
    destroy: () => down.end(),
  }
  response.start(duplex)
  const compressor = linuxDeflate().compressor(spdyDictionary)
  const frames = readFrames(down.chunks)
  return {
    frames,
    async open(id: number, headers: Readonly<Record<string, string>>) {
      const block = await compressor.run(formatHeaders(new Map(Object.entries(headers))))
      await up.push(
        controlFrame(controlTypes.synStream, 0, concat([numberBytes(id), numberBytes(0), new Uint8Array(2), block])),
      )
    },
    async write(id: number, chunk: string, fin = false) {
      for (const frame of dataFrames(id, bytes(chunk), fin)) await up.push(frame)
    },
    raw: (chunk: Uint8Array) => up.push(chunk),
    end: () => up.end(),
    /** What streams have sent until the connection ends. */
    async rest(): Promise<Readonly<Record<string, string>>> {
      const sent: Record<string, string> = {}
      for await (const frame of frames) {
        if (frame.type === 'data')
          sent[frame.stream] = `${sent[frame.stream] ?? ''}${text(frame.bytes)}${frame.fin ? '.' : ''}`
        if (frame.type === 'control') sent[`control${frame.control}`] = String(frame.payload.length)
      }
      return sent
    },
  }
}

const spdy = (protocol: string) => ({
  upgrade: 'SPDY/3.1',
  connection: 'upgrade',
  'x-stream-protocol-version': protocol,
})

describe('SPDY', () => {
  it('carries exec, and answers pings', async () => {
    const { send, runtime } = await serving()
    runtime.script.exec = async (_, io) => {
      for await (const chunk of io.stdin ?? []) await io.stdout(chunk)
      return 0
    }
    const response = await send(
      '/exec/shop/web/a?command=cat&input=1&output=1',
      spdy('v5.channel.k8s.io, v4.channel.k8s.io'),
    )
    expect(response).toMatchObject({ type: 'upgrade', headers: { 'x-stream-protocol-version': 'v4.channel.k8s.io' } })
    const client = await spdyClient(response)
    await client.open(1, { streamtype: 'error' })
    await client.raw(controlFrame(controlTypes.ping, 0, numberBytes(1)))
    await client.open(3, { streamtype: 'stdin' })
    await client.open(5, { streamtype: 'stdout' })
    await client.write(3, 'x'.repeat(100_000))
    await client.write(3, 'end', true)
    const sent = await client.rest()
    expect(sent['5']).toBe(`${'x'.repeat(100_000)}end.`)
    expect(sent['1']).toBe('{"metadata":{},"status":"Success"}.')
    expect(sent[`control${controlTypes.ping}`]).toBe('4')
  })

  it('forwards ports, and ends both streams with the other side', async () => {
    const { send, runtime } = await serving()
    runtime.script.forward = () => {
      const echo = byteChannel()
      return {
        readable: echo.chunks,
        write: (chunk) => echo.push(chunk),
        end: async () => echo.end(),
        destroy: () => echo.end(),
      }
    }
    const client = await spdyClient(await send('/portForward/shop/web', spdy('portforward.k8s.io')))
    await client.open(1, { streamtype: 'error', port: '80', requestid: '0' })
    await client.open(3, { streamtype: 'data', port: '80', requestid: '0' })
    await client.write(3, 'ping', true)
    const got: string[] = []
    for await (const frame of client.frames) {
      if (frame.type === 'data') got.push(`${frame.stream}:${text(frame.bytes)}${frame.fin ? '.' : ''}`)
      if (got.includes('1:.')) break
    }
    expect(got.join(' ')).toContain('3:ping')
    expect(got).toContain('1:.')
    client.end()
  })

  it('ends a connection that does not speak it', async () => {
    const { send } = await serving()
    const client = await spdyClient(await send('/portForward/shop/web', spdy('portforward.k8s.io')))
    await client.raw(bytes('\xff\xff GET / HTTP/1.1\r\n\r\n'))
    expect(await client.rest()).toEqual({})
  })
})

describe('port-forward over channels', () => {
  it('begins each channel with its port, and tells errors on the odd ones', async () => {
    const { send } = await serving()
    const response = await send('/portForward/shop/web?ports=8080', websocket('v4.channel.k8s.io'))
    if (response.type !== 'websocket') throw new Error(`a ${response.type}`)
    const { socket, sent, whenClosed } = socketPair()
    response.start(socket)
    await whenClosed
    expect(sent.slice(0, 2)).toEqual([Uint8Array.of(0, 0x90, 0x1f), Uint8Array.of(1, 0x90, 0x1f)])
    expect(text(sent[2] as Uint8Array)).toContain('error forwarding port 8080 to pod')
  })
})
