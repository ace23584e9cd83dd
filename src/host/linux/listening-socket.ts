import { spawn } from 'node:child_process'
import type { Server } from 'node:net'
import { fail, ok, type Result } from '../../api/result.ts'

export type ListenFailure = Readonly<{ code: string; message: string }>
type Place = Readonly<{ address: string; port: number; netnsPath: string }>

// Ends as soon as the socket is on its way: it lives on with whoever has it.
const program = `
const { address, port } = JSON.parse(process.argv[1])
const server = require('node:net').createServer()
const tell = (message, handle) => process.send(message, handle, () => process.exit())
server.on('error', ({ code, message }) => tell({ code: String(code), message }))
server.listen({ host: address, port, backlog: 1024 }, () => tell({}, server))`

/**
 * A socket that listens in another network namespace. A Node process cannot enter one, but a socket stays where it was made, and what it
 * takes in is there too: another Node process makes it there, and hands it over.
 */
export function listeningSocket({ netnsPath, ...at }: Place): Promise<Result<Server, ListenFailure>> {
  const args = [`--net=${netnsPath}`, process.execPath, '-e', program, JSON.stringify(at)]
  const child = spawn('nsenter', args, { env: {}, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let told = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (told.length < 4096) told += text
  })
  return new Promise((resolve) => {
    child.once('message', (failure, handle) =>
      resolve(handle === undefined ? fail(failure as ListenFailure) : ok(handle as Server)),
    )
    child.once('error', ({ message }) => resolve(fail({ code: '', message })))
    child.once('close', () => resolve(fail({ code: '', message: told.trim() || 'nobody listens there' })))
  })
}
