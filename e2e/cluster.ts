import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

export type Ran = Readonly<{ code: number; stdout: string; stderr: string }>

export interface TestCluster {
  readonly name: string
  readonly kubeconfig: string
  /** Runs the launcher with this cluster's name; never throws for an exit code. */
  coracle(...args: readonly string[]): Promise<Ran>
  /** kubectl's standard output; throws with its standard error when it fails. */
  kubectl(...args: readonly string[]): Promise<string>
  tryKubectl(args: readonly string[], input?: string): Promise<Ran>
  /** A kubectl that goes on: port-forward, logs -f. */
  spawnKubectl(...args: readonly string[]): ChildProcess
  /** Ends everything and removes all traces. */
  remove(): Promise<void>
}

const launcher = path.resolve('coracle')

export function run(
  command: string,
  args: readonly string[],
  options: Readonly<{ env?: NodeJS.ProcessEnv; input?: string; timeoutMs?: number }> = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { env: options.env ?? process.env, timeout: options.timeoutMs ?? 100_000, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ code, stdout, stderr })
      },
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port')
  return address.port
}

/** A cluster beside any other: its own name, port, address ranges and kubeconfig. `ordinal` keeps test files apart. */
export async function makeCluster(ordinal: number, upOptions: readonly string[] = []): Promise<TestCluster> {
  const name = `e2e-${process.pid % 100_000}-${ordinal}`
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-e2e-'))
  const kubeconfig = path.join(folder, 'config')
  const env = { ...process.env, KUBECONFIG: kubeconfig }
  const coracle = (...args: readonly string[]): Promise<Ran> => run(launcher, ['--name', name, ...args], { env })
  const tryKubectl = (args: readonly string[], input?: string): Promise<Ran> =>
    run('kubectl', args, { env, ...(input === undefined ? {} : { input }) })
  const cluster: TestCluster = {
    name,
    kubeconfig,
    coracle,
    tryKubectl,
    async kubectl(...args) {
      const { code, stdout, stderr } = await tryKubectl(args)
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`)
      return stdout
    },
    spawnKubectl: (...args) => spawn('kubectl', args, { env, stdio: ['pipe', 'pipe', 'pipe'] }),
    async remove() {
      const { code, stderr } = await coracle('delete')
      rmSync(folder, { recursive: true, force: true })
      if (code !== 0) throw new Error(`coracle delete ended with ${code}: ${stderr}`)
    },
  }
  const port = await freePort()
  const ranges = [
    '--port',
    String(port),
    '--pod-cidr',
    `10.${210 + ordinal}.0.0/24`,
    '--service-cidr',
    `10.${230 + ordinal}.0.0/20`,
  ]
  const up = await coracle('up', ...ranges, ...upOptions)
  if (up.code !== 0) {
    await cluster.remove().catch(() => {})
    throw new Error(`coracle up ended with ${up.code}: ${up.stderr}${up.stdout}`)
  }
  return cluster
}

/** Asks again until the answer is right: for what the cluster brings about by itself. Throws the last answer at the deadline. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (isRight(answer)) return answer
    if (Date.now() > deadlineMs)
      throw new Error(`not so after ${timeoutMs / 1000} s: ${JSON.stringify(answer).slice(0, 4_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** What a child has printed so far, growing. */
export function outputOf(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  return () => output
}
