import { basename } from 'node:path'
import { simRegistry } from '../host/sim/registry.ts'
import type { Accept } from '../host/sim/streams.ts'
import type { Workload, Workloads } from '../host/sim/workload.ts'
import type { HttpHandler } from '../ports/http.ts'

/** What stands in for programs and for the internet on the simulated nodes of a cluster that people use. */

const shells = new Set(['sh', 'bash', 'ash'])

/**
 * A container runs until it is told to end, as a server does. What a command line plainly says is kept to: `sleep 5`, `true`, `false`,
 * `exit 3`, alone or as the last word of `sh -c`; so jobs end, and pods crash, where a manifest asks for it.
 */
export const standInWorkloads: Workloads = ({ config }) => ({
  ...endOf(config.process.args),
  output: ['This container is simulated: no program runs in it, and this line is all that it logs.'],
  // Success, or no exec probe would ever pass; the message says what it is worth.
  exec: () => ({ exitCode: 0, stderr: 'This container is simulated: the command was not run.\n' }),
})

function endOf(args: readonly string[]): Workload {
  const [program = '', option = '', script = ''] = args
  if (shells.has(basename(program)) && option === '-c') return endOfScript(script)
  return endOfCommand([basename(program), ...args.slice(1)])
}

/** Each command takes its time; the last one gives the exit code. One that is not known is taken to run for ever. */
function endOfScript(script: string): Workload {
  let runsForMs = 0
  let exitCode = 0
  for (const command of script.split(/;|&&|\n/).map((text) => text.trim())) {
    if (command === '' || /^echo\b[^|<>&$`(]*$/.test(command)) continue
    const end = endOfCommand(command.split(/\s+/))
    if (end.runsForMs === undefined) return {}
    runsForMs += end.runsForMs
    exitCode = end.exitCode ?? 0
    if (command.startsWith('exit')) break
  }
  return { runsForMs, exitCode }
}

function endOfCommand([program = '', argument = '', ...more]: readonly string[]): Workload {
  if (more.length > 0) return {}
  const amount = Number(argument)
  if (program === 'true') return { runsForMs: 0, exitCode: 0 }
  if (program === 'false') return { runsForMs: 0, exitCode: 1 }
  if (program === 'exit' && Number.isInteger(amount)) return { runsForMs: 0, exitCode: amount & 0xff }
  // Beyond a day a timer would overflow, and nobody waits.
  if (program === 'sleep' && amount >= 0 && amount <= 86_400) return { runsForMs: amount * 1000, exitCode: 0 }
  return {}
}

/** Registries have every image that is asked for; every other request, such as a probe's, is answered with 200. */
export function standInInternet(): HttpHandler {
  const registry = simRegistry()
  return async (request) =>
    request.target.startsWith('/v2/')
      ? registry(request)
      : {
          type: 'whole',
          status: 200,
          headers: { 'content-type': 'text/plain' },
          body: new TextEncoder().encode('This container is simulated.\n'),
        }
}

/** TCP connections to simulated containers are taken, and closed again without a word. */
export const standInServer: Accept = (connection) => void connection.end()
