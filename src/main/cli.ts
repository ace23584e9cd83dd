import { Command, InvalidArgumentError } from 'commander'
import type { UpOptions } from './up.ts'

/** Each command is loaded when it is called: `status` need not wait for what only `up` uses. */
const program = new Command('coracle')
  .description('A whole Kubernetes cluster that one process can carry.')
  .showHelpAfterError('(coracle --help tells what there is)')
  .option('--name <name>', 'which cluster of this machine', parseName, 'coracle')
  .addHelpText(
    'after',
    `
Examples:
  coracle up                        start the cluster, or say that it runs
  kubectl --context coracle get pods -A
  coracle image load app.tar        make an image available to pods
  coracle up --simulate 100         100 simulated nodes, no containers, no root
  coracle down                      stop everything, keep the data
  coracle delete                    stop everything and forget it`,
  )

program
  .command('up')
  .description('start the cluster and wait until it is ready')
  .option('--simulate <nodes>', 'run this many simulated nodes; no container runs', parseCount)
  .option('--port <port>', 'port of the API server (kept from the first time)', parsePort)
  .option('--pod-cidr <cidr>', 'addresses of pods (kept from the first time)', parseCidr)
  .option('--service-cidr <cidr>', 'addresses of Services (kept from the first time)', parseCidr)
  .action(async (options: UpOptions) => (await import('./up.ts')).up(nameOf(), options))

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
  .option('-n, --lines <count>', 'only the last lines', parseCount)
  .action(async (options: Readonly<{ follow?: boolean; lines?: number }>) =>
    (await import('./logs.ts')).logs(nameOf(), options),
  )

program
  .command('kubeconfig')
  .description('print a kubeconfig for the cluster')
  .action(async () => (await import('./status.ts')).printKubeconfig(nameOf()))

const image = program.command('image').description('images that pods can use')
image
  .command('load')
  .argument('<file>', 'a docker-archive or OCI layout tar; - for standard input')
  .description('load images from an archive')
  .action(async (file: string) => (await import('./image.ts')).loadImage(nameOf(), file))
image
  .command('list')
  .description('list the images there are')
  .action(async () => (await import('./image.ts')).listImages(nameOf()))

function nameOf(): string {
  return program.opts<{ name: string }>().name
}

/** The name becomes part of link and file names, so it is a short DNS label. */
function parseName(value: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?$/.test(value))
    throw new InvalidArgumentError("a name is at most 20 lower-case letters, digits and '-'.")
  return value
}

function parseCount(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1 || count > 100_000)
    throw new InvalidArgumentError('it must be a whole number from 1 to 100000.')
  return count
}

function parsePort(value: string): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 1 to 65535.')
  return port
}

function parseCidr(value: string): string {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(value)?.slice(1).map(Number)
  const [, , , , bits = 0] = parts ?? []
  if (parts === undefined || parts.slice(0, 4).some((part) => part > 255) || bits < 12 || bits > 28) {
    throw new InvalidArgumentError('it must be an IPv4 range of /12 to /28, such as 10.244.0.0/24.')
  }
  return value
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`coracle: ${(error as Error).message}\n`)
  process.exitCode = 1
}
