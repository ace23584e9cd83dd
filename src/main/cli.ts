import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { formatCidr, parseCidr as parseIpv4Cidr } from '../network/address.ts'
import type { ConformanceOptions } from './conformance.ts'
import type { EngineOptions } from './engine.ts'
import { addImageCommands } from './image-cli.ts'
import { addSecurityOptions } from './security-options.ts'
import type { UpOptions } from './settings.ts'

const usageExitCode = 2
const helpHint = '`coracle --help` tells what there is'

/** Each command is loaded when it is called: `status` need not wait for what only `up` uses. */
const program = new Command('coracle')
  .description('A whole Kubernetes cluster in one process on this machine.')
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => write(`coracle: ${oneLine(text)}; ${helpHint}\n`),
  })
  .option('--name <name>', 'which cluster of this machine', parseName, 'coracle')
  .addHelpText(
    'after',
    `
Examples:
  coracle up                        start the cluster, or say that it runs (needs Linux and root)
  coracle up --nodes 3              three nodes, on which containers run, on one machine
  coracle up --runtime unix:///run/containerd/containerd.sock   containers run by containerd
  coracle up --simulate 100         100 simulated nodes instead: no containers, no root
  kubectl get pods -A               kubectl's current context is the cluster now
  coracle image load app.tar        make an image available to pods
  coracle image build -t app:1 .    make one from a Dockerfile
  coracle down                      stop everything, keep the data
  coracle delete                    stop everything and forget it
  coracle --name two up --port 7443 --pod-cidr 10.245.0.0/24 --service-cidr 10.97.0.0/16
                                    a second cluster beside the first

The first \`up\` takes port 6443, pods 10.244.0.0/24 and Services 10.96.0.0/16. \`coracle test\` runs the project's tests.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 from \`status\`: not running.`,
  )

const upCommand = program
  .command('up')
  .description('start the cluster and wait until it is ready')
  .option('--simulate <nodes>', 'this many simulated nodes, on which no container runs (kept)', parseNodes)
  .option('--nodes <nodes>', 'this many real nodes on this machine (default 1; kept)', parseRealNodes)
  .option('--port <port>', 'port of the API server (default 6443; kept)', parsePort)
  .option('--pod-cidr <cidr>', 'addresses of pods (default 10.244.0.0/24; kept)', parseCidr)
  .option('--service-cidr <cidr>', 'addresses of Services (default 10.96.0.0/16; kept)', parseCidr)
  .option('--kubelet-config <file>', 'KubeletConfiguration of the node (kept; an empty text takes it back)')
  .option(
    '--runtime <endpoint>',
    'container runtime at a CRI socket, unix:///… (default: our own; kept)',
    parseEndpoint,
  )
addSecurityOptions(upCommand).action(async (options: UpOptions) => (await import('./up.ts')).up(nameOf(), options))

program
  .command('down')
  .description('stop everything; state and images stay')
  .action(async () => (await import('./down.ts')).down(nameOf()))

program
  .command('delete')
  .description('stop everything and remove the data and the kubeconfig context too')
  .action(async () => (await import('./down.ts')).deleteCluster(nameOf()))

program
  .command('status')
  .description('say what is running')
  .option('--json', 'as JSON')
  .action(async (options: Readonly<{ json?: boolean }>) =>
    (await import('./status.ts')).status(nameOf(), options.json === true),
  )

program
  .command('logs')
  .description('print the log of the cluster process')
  .option('-f, --follow', 'go on as it grows')
  .option('-n, --lines <count>', 'only the last lines', parseLines)
  .action(async (options: Readonly<{ follow?: boolean; lines?: number }>) =>
    (await import('./logs.ts')).logs(nameOf(), options),
  )

program
  .command('kubeconfig')
  .description('print a kubeconfig for the cluster')
  .action(async () => (await import('./status.ts')).printKubeconfig(nameOf()))

addImageCommands(program, nameOf)

program
  .command('engine')
  .description('the container engine without a cluster: a container runtime (CRI) for kubelets and crictl')
  .option('--socket <path>', 'unix socket to serve on (default /run/coracle/NAME/cri.sock)')
  .option('--root <folder>', 'where images and containers are kept (default /var/lib/coracle/NAME)')
  .option('--pod-cidr <cidr>', 'addresses of pods', parseCidr, '10.243.0.0/24')
  .option(
    '--registry-mirror <domain=url>',
    "ask there first for a registry's images; * for all registries",
    parseMirror,
  )
  .option('--clean', 'remove all pods, with all that the engine has made on this machine but images, and end')
  .action(async (options: EngineOptions) => (await import('./engine.ts')).runEngine(nameOr('engine'), options))

program
  .command('conformance')
  .description('run the official conformance specs on a cluster of their own (needs Go)')
  .option('--focus <regexp>', 'only specs whose name matches')
  .option('--skip <regexp>', 'not those whose name matches')
  .option('--sig <name>', 'only those of one group: node, network, apps ...')
  .option('--parallel <count>', 'this many at a time', parseParallel, 4)
  .option('--json <file>', 'write the result of every spec there')
  .option('--keep', 'leave the cluster running')
  .option('--context <name>', "use the cluster that this kubeconfig context names instead of one of the suite's own")
  .action(async (options: ConformanceOptions) =>
    (await import('./conformance.ts')).conformance(nameOr('conformance'), options),
  )

function nameOf(): string {
  return program.opts<{ name: string }>().name
}

/** What has a cluster, or a place, of its own. */
function nameOr(own: string): string {
  return program.getOptionValueSource('name') === 'default' ? own : nameOf()
}

/** The name becomes part of link and file names, so it is a short DNS label. */
function parseName(value: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?$/.test(value))
    throw new InvalidArgumentError("a name is at most 20 lower-case letters, digits and '-'.")
  return value
}

/** As large as Kubernetes says that a cluster may be. */
const maxNodes = 5_000
/** Each has a kubelet, an engine and a network of its own. */
const maxRealNodes = 16
const maxLines = 1_000_000
const maxSpecsAtOnce = 32

function parseNodes(value: string): number {
  return parseCount(value, maxNodes)
}

function parseRealNodes(value: string): number {
  return parseCount(value, maxRealNodes)
}

function parseParallel(value: string): number {
  return parseCount(value, maxSpecsAtOnce)
}

function parseLines(value: string): number {
  return parseCount(value, maxLines)
}

function parseCount(value: string, most: number): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new InvalidArgumentError(`it must be a whole number from 1 to ${most}.`)
  return count
}

function parsePort(value: string): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 1 to 65535.')
  return port
}

function parseCidr(value: string): string {
  const parsed = parseIpv4Cidr(value)
  if (parsed === undefined || parsed.prefixLength < 12 || parsed.prefixLength > 28)
    throw new InvalidArgumentError('it must be an IPv4 range of /12 to /28, such as 10.244.0.0/24.')
  if (formatCidr(parsed) !== value) throw new InvalidArgumentError(`the range begins at ${formatCidr(parsed)}.`)
  return value
}

function parseEndpoint(value: string): string {
  if (!/^unix:\/\/\/./.test(value))
    throw new InvalidArgumentError('it must be a socket, such as unix:///run/containerd/containerd.sock.')
  return value
}

function parseMirror(value: string, others: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, domain, url] = /^([^=]+)=(https?:\/\/[^/]+\/?)$/.exec(value) ?? []
  if (domain === undefined || url === undefined)
    throw new InvalidArgumentError('it must be like docker.io=http://127.0.0.1:5000.')
  return { ...others, [domain]: url }
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replace(/\.?$/, '')
    .replaceAll(/\s*\n\s*/g, ' ')
}

/** commander has said what is wrong with the command line by now, or has printed the help that was asked for. */
function exitCodeOf({ code }: CommanderError): number {
  return code === 'commander.helpDisplayed' || code === 'commander.help' || code === 'commander.version'
    ? 0
    : usageExitCode
}

/** Nobody reads any more, as in `coracle logs | head`: no reason for words. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  if (process.argv.length <= 2) program.help()
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = exitCodeOf(error)
  else {
    process.stderr.write(`coracle: ${oneLine((error as Error).message)}\n`)
    process.exitCode = 1
  }
}
