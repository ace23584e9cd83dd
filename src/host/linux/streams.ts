import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex as NodeDuplex } from 'node:stream'
import { fail, ok, type Result } from '../../api/result.ts'
import type { DialError, DialTarget, Duplex, Streams } from '../../ports/streams.ts'
import { duplexOf } from './duplex.ts'

export function linuxStreams(): Streams {
  return {
    dial: (target) => (target.netnsPath === undefined ? dialTcp(target) : dialInNamespace(target, target.netnsPath)),
  }
}

function dialTcp({ host, port, timeoutMs }: DialTarget): Promise<Result<Duplex, DialError>> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const timer = setTimeout(
      () => socket.destroy(errno('ETIMEDOUT', `dial tcp ${host}:${port}: i/o timeout`)),
      timeoutMs,
    )
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve(fail(dialError(error.code, error.message)))
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(ok(duplexOf(socket)))
    })
  })
}

function errno(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code })
}

function dialError(code: string | undefined, message: string): DialError {
  if (code === 'ECONNREFUSED') return { code: 'Refused', message }
  return { code: code === 'ETIMEDOUT' ? 'TimedOut' : 'Unreachable', message }
}

/**
 * A Node process cannot enter another network namespace, so socat does: it connects there and relays over its pipes. With -d -d it
 * tells on standard error when the connection stands, which is what we wait for.
 */
function dialInNamespace({ host, port, timeoutMs }: DialTarget, netnsPath: string): Promise<Result<Duplex, DialError>> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000))
  // -t: how long the other direction may stay open after one has ended; a half-closed connection is a normal state.
  const relay = ['socat', '-d', '-d', '-t', '86400', '-', `TCP4:${host}:${port},connect-timeout=${seconds}`]
  const child = spawn('nsenter', [`--net=${netnsPath}`, ...relay], { stdio: ['pipe', 'pipe', 'pipe'] })
  return new Promise((resolve) => {
    let told = ''
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => {
      if (told.length < 16_384) told += text
      if (told.includes('starting data transfer loop')) resolve(ok(duplexOf(pipesOf(child))))
    })
    child.once('error', (error) => resolve(fail({ code: 'Unreachable', message: error.message })))
    child.once('close', () => resolve(fail(refusal(told, host, port))))
  })
}

function refusal(told: string, host: string, port: number): DialError {
  const reason = / E .*: (.*)$/m.exec(told)?.[1]?.trim() ?? 'connection failed'
  const message = `dial tcp4 ${host}:${port}: ${reason.toLowerCase()}`
  if (/refused/i.test(reason)) return { code: 'Refused', message }
  return { code: /timed out/i.test(reason) ? 'TimedOut' : 'Unreachable', message }
}

function pipesOf(child: ChildProcess): NodeDuplex {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('assertion failed: the relay was started with pipes')
  const duplex = NodeDuplex.from({ writable: stdin, readable: stdout })
  duplex.once('close', () => child.kill('SIGTERM'))
  return duplex
}
