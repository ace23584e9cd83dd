import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { progressReader } from './conformance-progress.ts'
import { readReport, reportText, type SpecResult } from './conformance-report.ts'
import { statusOf } from './daemon-client.ts'
import { deleteCluster } from './down.ts'
import { homeDirectory, instanceNamed, readSettings } from './instance.ts'
import { kubeconfigPath } from './kubeconfig.ts'
import { up } from './up.ts'

export type ConformanceOptions = Readonly<{
  /** Regular expressions of Go, over the specs' names. */
  focus?: string
  skip?: string
  sig?: string
  parallel: number
  /** Where to write every spec's result. */
  json?: string
  keep?: boolean
  /** A kubeconfig context: a cluster that runs, instead of one of our own. */
  context?: string
}>

/** Apart from what other clusters have by default, so that it can run beside them. */
/** Some specs want two nodes. */
const ownCluster = { nodes: 2, port: 16443, podCidr: '10.227.0.0/24', serviceCidr: '10.228.0.0/20' }

const suiteTimeout = '6h'

// The bundle lies in dist/, beside conformance/.
const folder = fileURLToPath(new URL('../conformance', import.meta.url))

/** Where a run's files are: the kubeconfig, Ginkgo's output and report. */
type Run = Readonly<{ programs: string; directory: string; kubeconfig: string }>

/**
 * Builds the official suite if need be and runs its conformance specs, against a cluster of their own or the one that a context names.
 * Exit code 1 when a spec fails or none ran.
 */
export async function conformance(name: string, options: ConformanceOptions): Promise<void> {
  const programs = (await output(path.join(folder, 'build.sh'))).trim()
  const directory = path.join(programs, 'runs', options.context?.replaceAll(/[^\w.-]/g, '-') ?? name)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // Ctrl-C ends the suite, and then the cluster as after any run.
  const heed = (): void => undefined
  process.on('SIGINT', heed)
  try {
    if (options.context === undefined) await onOwnCluster(name, { programs, directory }, options)
    else await onRunningCluster(options.context, { programs, directory }, options)
  } finally {
    process.off('SIGINT', heed)
  }
}

type Place = Omit<Run, 'kubeconfig'>

async function onOwnCluster(name: string, place: Place, options: ConformanceOptions): Promise<void> {
  const kubeconfig = path.join(place.directory, 'kubeconfig')
  // kubectl's current context stays what it was.
  process.env.KUBECONFIG = kubeconfig
  const isNew = readSettings(instanceNamed(name)) === undefined
  try {
    await up(name, isNew ? ownCluster : {})
    await loadImages(name)
    await runSuite({ ...place, kubeconfig }, options)
  } finally {
    // A cluster that was there before is not ours to delete.
    if (isNew && options.keep !== true) await deleteCluster(name)
    else
      process.stdout.write(`The cluster stays: KUBECONFIG=${kubeconfig}; \`coracle --name ${name} delete\` ends it\n`)
  }
}

async function onRunningCluster(context: string, place: Place, options: ConformanceOptions): Promise<void> {
  const kubeconfig = kubeconfigPath(process.env, homeDirectory())
  if ((await statusOf(instanceNamed(context))) !== undefined) await loadImages(context)
  await runSuite({ ...place, kubeconfig }, options)
}

async function loadImages(name: string): Promise<void> {
  process.stderr.write('Loading the images that specs run ...\n')
  await output(path.join(folder, 'images.sh'), name)
}

async function runSuite(run: Run, options: ConformanceOptions): Promise<void> {
  const report = path.join(run.directory, 'report.json')
  const log = path.join(run.directory, 'suite.log')
  rmSync(report, { force: true })
  await runGinkgo(run, ginkgoArguments(run, options), log)
  let results: readonly SpecResult[]
  try {
    results = readReport(readFileSync(report, 'utf8'))
  } catch (error) {
    throw new Error(`the suite left no report (${(error as Error).message}); ${log} may tell why`)
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`)
  process.stdout.write(`${reportText(results)}\nLog: ${log}\n`)
  if (results.length === 0) throw new Error('no spec matches: see --focus, --skip and --sig')
  if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
}

function ginkgoArguments({ programs, directory, kubeconfig }: Run, options: ConformanceOptions): readonly string[] {
  const { focus, skip, sig, parallel, context } = options
  return [
    `--procs=${parallel}`,
    '--no-color',
    `--timeout=${suiteTimeout}`,
    `--label-filter=${['Conformance', ...(sig === undefined ? [] : [`sig-${sig.replace(/^sig-/, '')}`])].join(' && ')}`,
    ...(focus === undefined ? [] : [`--focus=${focus}`]),
    ...(skip === undefined ? [] : [`--skip=${skip}`]),
    `--output-dir=${directory}`,
    '--json-report=report.json',
    path.join(programs, 'e2e.test'),
    '--',
    `--kubeconfig=${kubeconfig}`,
    ...(context === undefined ? [] : [`--context=${context}`]),
    `--kubectl-path=${path.join(programs, 'kubectl')}`,
    '--provider=skeleton',
    '--disable-log-dump',
  ]
}

/** Ends when the suite has; that specs fail is no error here. */
async function runGinkgo({ programs, directory }: Run, args: readonly string[], log: string): Promise<void> {
  const file = createWriteStream(log)
  const read = progressReader()
  const child = spawn(path.join(programs, 'ginkgo'), args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  const startedMs = performance.now()
  let shown = 0
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    file.write(text)
    for (const { done, total, failed, failedName } of read(text)) {
      if (failedName !== undefined) process.stderr.write(`FAILED ${failedName}\n`)
      if (done < shown + 10 && done < total) continue
      shown = done
      const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1)
      process.stderr.write(`${done} of ${total} specs, ${failed} failed, ${minutes} min\n`)
    }
  })
  child.stderr.on('data', (text: Uint8Array) => file.write(text))
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  await new Promise<void>((resolve) => file.end(resolve))
}

/** Runs one of our scripts; its messages go to standard error. Throws when it fails: it has said why. */
function output(script: string, ...args: readonly string[]): Promise<string> {
  const child = spawn('bash', [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (piece: string) => {
    text += piece
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(text)
      else reject(new Error(`${path.basename(script)} failed (${code}): see the message above`))
    })
  })
}
