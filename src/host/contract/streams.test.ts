import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe } from 'vitest'
import { linuxStreams } from '../linux/streams.ts'
import { simClock } from '../sim/clock.ts'
import { simStreams } from '../sim/streams.ts'
import { simRun } from './sim-run.ts'
import { readAll, streamsContract } from './streams.ts'

const timeoutMs = 5_000

async function shoutOnLoopback() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => (heard += text))
    socket.on('end', () => socket.end(heard.toUpperCase()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { target: { host: '127.0.0.1', port, timeoutMs }, close: () => void server.close() }
}

describe('the streams of Linux', () =>
  streamsContract(() => ({
    streams: linuxStreams(),
    run: (promise) => promise,
    shouting: shoutOnLoopback,
    closedPort: { host: '127.0.0.1', port: 1, timeoutMs },
  })))

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.runIf(process.getuid?.() === 0 && has('socat') && has('ip'))(
  'the streams of Linux into a network namespace',
  () => {
    const name = `cora-streams-${process.pid}`
    const netnsPath = `/run/netns/${name}`
    beforeAll(() => {
      execFileSync('ip', ['netns', 'add', name])
      execFileSync('nsenter', [`--net=${netnsPath}`, 'ip', 'link', 'set', 'lo', 'up'])
    })
    afterAll(() => void execFileSync('ip', ['netns', 'del', name]))

    async function shoutInNamespace() {
      const listen = ['socat', '-d', '-d', 'TCP4-LISTEN:7007,bind=127.0.0.1,reuseaddr', 'SYSTEM:tr a-z A-Z']
      const server = spawn('nsenter', [`--net=${netnsPath}`, ...listen], { stdio: ['ignore', 'ignore', 'pipe'] })
      await new Promise<void>((resolve) =>
        server.stderr.on('data', (text) => String(text).includes('listening') && resolve()),
      )
      return { target: { host: '127.0.0.1', port: 7007, netnsPath, timeoutMs }, close: () => void server.kill() }
    }
    streamsContract(() => ({
      streams: linuxStreams(),
      run: (promise) => promise,
      shouting: shoutInNamespace,
      closedPort: { host: '127.0.0.1', port: 1, netnsPath, timeoutMs },
    }))
  },
)

describe('the simulated streams', () =>
  streamsContract(() => {
    const clock = simClock()
    const streams = simStreams({ clock })
    const target = { host: '10.0.0.1', port: 80, timeoutMs }
    const shouting = async () => {
      const accept = streams.accept(target, async (connection) => {
        await connection.write(new TextEncoder().encode((await readAll(connection)).toUpperCase()))
        await connection.end()
      })
      return { target, close: accept.close }
    }
    return { streams, run: simRun(clock), shouting, closedPort: { ...target, port: 81 } }
  }))
