import type { Result } from '../../api/result.ts'
import type { Disk } from '../../ports/disk.ts'
import { createContainerOn, removeContainer, startContainer, stopContainer } from '../engine/engine-containers.ts'
import { layerName } from '../images/image-store.ts'
import type { StoredImage, StoredLayer } from '../images/stored-image.ts'
import { plainSecurity } from '../plain-security.ts'
import type { ContainerSpec, Mount, RuntimeError } from '../pod-runtime.ts'
import { BuildError } from './build-error.ts'
import type { BuildRun } from './build-run.ts'
import type { RunStep } from './build-step.ts'
import { followOutput } from './follow-output.ts'
import { diffLayer } from './layer-diff.ts'
import type { LayerEntries } from './layer-entry.ts'
import { lookBelow, resolveWithin, statOf } from './rooted-path.ts'
import { makeRunMounts } from './run-mounts.ts'
import { splitPair } from './stage-state.ts'

export type Command = Readonly<{
  layers: readonly StoredLayer[]
  sandboxId: string
  /** /etc/hosts and the like. */
  mounts: readonly Mount[]
  tell(text: string): void
  /** Takes what the command has changed, while it is still there. */
  keep(changes: LayerEntries): Promise<void>
}>

/** Runs a command in a container on top of the layers. Throws BuildError, DiskError. */
export async function runCommand(run: BuildRun, step: RunStep, command: Command): Promise<void> {
  const { context } = run
  const given = await makeRunMounts(run, step)
  try {
    const mounts = [...command.mounts, ...given.mounts]
    const spec = containerSpec(run, step, mounts, given.env)
    const base = { image: imageOf(command.layers), config: configOf(step) }
    const { id } = value(await createContainerOn(context, command.sandboxId, spec, base))
    try {
      await runAndKeep(run, step, command, id, spec)
    } finally {
      await stopContainer(context, id, 0)
      await removeContainer(context, id)
    }
  } finally {
    given.release()
  }
}

async function runAndKeep(
  run: BuildRun,
  step: RunStep,
  { layers, tell, keep }: Command,
  id: string,
  { mounts, logPath }: ContainerSpec,
): Promise<void> {
  const { disk, paths, images } = run.context
  const points = ['/proc', '/dev', '/sys', ...mounts.map(({ containerPath }) => containerPath)]
  const stubs = await missingPlaces(disk, paths.root(id), points)
  await runToEnd(run, step, id, logPath, tell)
  await removeStubs(disk, paths.root(id), stubs)
  const lower = layers.map(({ diffId }) => `${images.layerFolder}/${layerName(diffId)}`).reverse()
  const { entries, skipped } = await diffLayer(disk, `${paths.writable(id)}/upper`, lower)
  for (const path of skipped) tell(`/${path} is a device or a socket: it does not become part of the image\n`)
  await keep(entries)
}

async function runToEnd(
  { context, closed }: BuildRun,
  step: RunStep,
  id: string,
  logPath: string,
  tell: (text: string) => void,
): Promise<void> {
  const { state } = context
  value(await startContainer(context, id))
  const stop = (): void => void stopContainer(context, id, 0)
  closed.addEventListener('abort', stop)
  if (closed.aborted) stop()
  await followOutput(context, logPath, () => state.containers.get(id)?.state !== 'running', tell)
  closed.removeEventListener('abort', stop)
  if (closed.aborted) throw new BuildError('canceled')
  const { exitCode = 255, reason = '' } = state.containers.get(id) ?? {}
  if (exitCode === 0) return
  const why = reason === 'OOMKilled' ? ' (out of memory)' : ''
  const shown = JSON.stringify(step.args.join(' '))
  throw new BuildError(`process ${shown} did not complete successfully: exit code: ${exitCode}${why}`)
}

function containerSpec(
  { workspace }: BuildRun,
  { args, env, proxyEnv, workingDir }: RunStep,
  mounts: readonly Mount[],
  secretEnv: readonly string[],
): ContainerSpec {
  return {
    name: 'run',
    attempt: 0,
    image: '',
    command: args,
    workingDir,
    env: [...proxyEnv, ...env, ...secretEnv].map(splitPair).map(([name, text]) => ({ name, value: text })),
    mounts,
    security: plainSecurity,
    resources: { oomScoreAdj: 0 },
    logPath: `${workspace.fresh('log')}/output`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    labels: {},
  }
}

function imageOf(layers: readonly StoredLayer[]): StoredImage {
  return { id: '', tags: [], digests: [], layers, blobs: [], sizeBytes: 0, user: '' }
}

function configOf({ user, workingDir }: RunStep) {
  const none = { env: [], entrypoint: [], cmd: [], labels: {}, diffIds: [] }
  return { ...none, user, workingDir, stopSignal: '', architecture: '' }
}

/** What the runtime will have to make, for something to be mounted there: the places that are not there yet, the deepest first. */
async function missingPlaces(disk: Disk, root: string, points: readonly string[]): Promise<readonly string[]> {
  const missing = new Set<string>()
  for (const point of points) {
    const parts = (await resolveWithin(lookBelow(disk, root), point, true)).split('/')
    for (const [at] of parts.entries()) {
      const place = parts.slice(0, at + 1).join('/')
      if ((await statOf(disk, `${root}/${place}`)) === undefined) missing.add(place)
    }
  }
  return [...missing].sort((a, b) => b.length - a.length)
}

/** Takes away what is still as the runtime made it: empty. */
async function removeStubs(disk: Disk, root: string, stubs: readonly string[]): Promise<void> {
  for (const stub of stubs) {
    const path = `${root}/${stub}`
    const stat = await statOf(disk, path)
    const isEmpty =
      stat?.type === 'directory' ? (await disk.list(path)).length === 0 : stat?.type === 'file' && stat.sizeBytes === 0
    if (isEmpty) await disk.remove(path)
  }
}

function value<T>(result: Result<T, RuntimeError>): T {
  if (!result.ok) throw new BuildError(result.error.message)
  return result.value
}
