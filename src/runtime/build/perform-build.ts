import { type Ending, makeEnder } from '../../api/ending.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { DiskError } from '../../ports/disk.ts'
import type { EngineContext } from '../engine/engine-context.ts'
import { contentFailure, pull } from '../engine/engine-images.ts'
import { layersInUse } from '../engine/shared-images.ts'
import { type ImageReference, parseImageReference } from '../images/image-reference.ts'
import type { StoredLayer } from '../images/stored-image.ts'
import { TarError } from '../images/tar-header.ts'
import { unpackContext } from './build-archive.ts'
import { BuildError } from './build-error.ts'
import type { OnBuildProgress } from './build-progress.ts'
import type { BuildRequest, BuildRun } from './build-run.ts'
import { type BuildSandboxes, buildSandboxes } from './build-sandboxes.ts'
import { openWorkspace, type Workspace } from './build-workspace.ts'
import { type BuiltImage, commitImage } from './commit-image.ts'
import type { SourceError } from './dockerfile-source.ts'
import { type ImageDocument, parseImageDocument } from './image-document.ts'
import { parseDockerfile } from './parse-dockerfile.ts'
import { performStep } from './perform-step.ts'
import { type BuildPlan, type PlannedStage, planBuild } from './plan-build.ts'
import { slots } from './slots.ts'
import { type StepDisplay, stepDisplay } from './step-display.ts'

/** Why there is no image; with a line of the Dockerfile where one is to blame. */
export type BuildFailure = Readonly<{ message: string; line?: number }>

/** Steps that are done beside each other. */
const stepsAtOnce = 4

/**
 * What files made in a build are dated at the latest, where nobody says otherwise: the first time that zip archives know, 1980-01-01. So
 * equal input gives an equal image.
 */
const defaultEpochSeconds = 315_532_800

/** Thrown to end a build; told at its end. */
class StepFailure extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.name = 'StepFailure'
    this.line = line
  }
}

/** Builds an image from a Dockerfile and a context that comes as a tar. Nothing but the image and the cache stays, however it ends. */
export async function performBuild(
  context: EngineContext,
  request: BuildRequest,
  chunks: AsyncIterable<Uint8Array>,
  onProgress: OnBuildProgress,
  closed: Ending,
): Promise<Result<BuiltImage, BuildFailure>> {
  const tags = tagsOf(request.tags)
  if (!tags.ok) return fail({ message: tags.error })
  const id = [...context.random.bytes(8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const workspace = await openWorkspace(context, id)
  const sandboxes = buildSandboxes(context, workspace, id)
  try {
    await unpackContext(context, workspace.contextFolder, chunks)
    return await context.images.ingest(() =>
      build({
        context,
        request,
        workspace,
        sandboxes,
        id,
        tags: tags.value,
        display: stepDisplay(context.clock, onProgress),
        closed,
      }),
    )
  } catch (error) {
    return failureOf(error)
  } finally {
    await sandboxes.close()
    await workspace.close()
    await context.images.collect(layersInUse(context.sharedImages))
  }
}

function tagsOf(names: readonly string[]): Result<readonly ImageReference[], string> {
  const tags: ImageReference[] = []
  for (const name of names) {
    const reference = parseImageReference(name)
    if (!reference.ok) return fail(`invalid tag ${JSON.stringify(name)}: ${reference.error}`)
    if (reference.value.digest !== undefined) return fail(`invalid tag ${JSON.stringify(name)}: leave the digest out`)
    tags.push(reference.value)
  }
  return ok(tags)
}

function failureOf(error: unknown): Result<never, BuildFailure> {
  if (error instanceof StepFailure) return fail({ message: error.message, line: error.line })
  if (error instanceof BuildError) return fail({ message: error.message })
  if (error instanceof TarError) return fail({ message: `the context cannot be used: ${error.message}` })
  const failed = contentFailure(error, 'the build failed')
  return failed.ok ? failed : fail({ message: failed.error.message })
}

type Parts = Readonly<{
  context: EngineContext
  request: BuildRequest
  workspace: Workspace
  sandboxes: BuildSandboxes
  id: string
  tags: readonly ImageReference[]
  display: StepDisplay
  closed: Ending
}>

async function build(parts: Parts): Promise<Result<BuiltImage, BuildFailure>> {
  const { context, request, tags, display } = parts
  const plan = await resolvePlan(parts)
  if (!plan.ok) return plan
  const epochMs = (request.sourceDateEpoch ?? defaultEpochSeconds) * 1000
  const { layers, document } = await performStages(parts, plan.value, epochMs)
  return ok(
    await display.show('exporting to image', async () => ({
      value: await commitImage(context, { document, layers, tags, epochMs }),
      isCached: false,
    })),
  )
}

/** Fetches the images that the plan is made on, as long as it needs more. */
async function resolvePlan(parts: Parts): Promise<Result<BuildPlan, SourceError>> {
  const { context, request } = parts
  const dockerfile = parseDockerfile(request.dockerfile)
  if (!dockerfile.ok) return dockerfile
  const { architecture } = context.containers.host
  const documents = new Map<string, ImageDocument>()
  for (;;) {
    const planned = planBuild(dockerfile.value, { ...request.options, machine: { architecture } }, documents)
    if (!planned.ok) return planned
    if ('plan' in planned.value) return ok(planned.value.plan)
    const found = await Promise.all(
      [...planned.value.missing].map(async ([name, line]) => [name, await documentOf(parts, name, line)] as const),
    )
    for (const [name, document] of found) documents.set(name, document)
  }
}

async function documentOf(parts: Parts, name: string, line: number): Promise<ImageDocument> {
  const { context, request, display, closed } = parts
  const { images } = context
  if (request.pull || images.find(name) === undefined)
    await display.show(`[internal] pull ${name}`, async () => {
      // Whoever leaves need not wait for it; others may want the image, too.
      const pulled = await Promise.race([pull(context, name, request.auths[name] ?? []), endOf(closed)])
      if (pulled === 'ended') throw new BuildError('canceled')
      if (!pulled.ok) throw new StepFailure(pulled.error.message, line)
      return { value: undefined, isCached: false }
    })
  const image = images.find(name)
  if (image === undefined) throw new StepFailure(`${name}: not found`, line)
  const parsed = parseImageDocument(new TextDecoder().decode(await images.readConfigBytes(image.id)))
  if (!parsed.ok) throw new StepFailure(`${name}: ${parsed.error}`, line)
  return parsed.value
}

function endOf(closed: Ending): Promise<'ended'> {
  return new Promise((resolve) => {
    if (closed.aborted) resolve('ended')
    else closed.addEventListener('abort', () => resolve('ended'))
  })
}

type Built = Readonly<{ layers: readonly StoredLayer[]; emptySteps: ReadonlySet<number> }>

async function performStages(
  parts: Parts,
  plan: BuildPlan,
  epochMs: number,
): Promise<Readonly<{ layers: readonly StoredLayer[]; document: ImageDocument }>> {
  const { context, request, workspace, id, closed } = parts
  const giveUp = makeEnder()
  const stop = (): void => giveUp.abort()
  closed.addEventListener('abort', stop)
  if (closed.aborted) stop()
  const built = new Map<number, Promise<Built>>()
  const layersOf = async (index: number): Promise<readonly StoredLayer[]> => (await builtStage(index)).layers
  const run: BuildRun = { context, request, workspace, id, epochMs, closed: giveUp.signal, layersOf }
  const takeSlot = slots(stepsAtOnce)
  const builtStage = (index: number): Promise<Built> => {
    const known = built.get(index) ?? performStage(parts, run, takeSlot, stageAt(plan, index), builtStage)
    built.set(index, known)
    return known
  }
  const all = plan.stages.map(({ index }) =>
    builtStage(index).catch((error: unknown) => {
      stop()
      throw error
    }),
  )
  const ends = await Promise.allSettled(all)
  closed.removeEventListener('abort', stop)
  if (closed.aborted) throw new BuildError('canceled')
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
  // Those that only waited for another, or were stopped for it, are not to blame.
  const cause = failures.find((failure) => !(failure instanceof BuildError)) ?? failures[0]
  if (cause !== undefined) throw cause
  const { layers, emptySteps } = await builtStage(plan.target)
  const { document } = stageAt(plan, plan.target)
  const history = document.history.map((entry, at) => (emptySteps.has(at) ? { ...entry, empty_layer: true } : entry))
  return { layers, document: { ...document, history } }
}

function stageAt({ stages }: BuildPlan, index: number): PlannedStage {
  const stage = stages.find((each) => each.index === index)
  if (stage === undefined) throw new Error(`assertion failed: stage ${index} is planned`)
  return stage
}

async function performStage(
  parts: Parts,
  run: BuildRun,
  takeSlot: ReturnType<typeof slots>,
  { base, baseName, steps }: PlannedStage,
  builtStage: (index: number) => Promise<Built>,
): Promise<Built> {
  const { context, sandboxes, display } = parts
  const begun = base.type === 'stage' ? await builtStage(base.index) : { layers: [], emptySteps: [] }
  const emptySteps = new Set(begun.emptySteps)
  let layers = begun.layers
  if (base.type === 'image') {
    layers = context.images.find(base.reference)?.layers ?? []
    await display.show(baseName, async () => ({ value: undefined, isCached: true }))
  }
  for (const step of steps) {
    // What it takes files from comes first, so that none that waits holds a slot.
    for (const index of stagesFor(step)) await run.layersOf(index)
    const standing = layers
    const made = await takeSlot(() =>
      display.show(step.name, async (tell) => {
        if (run.closed.aborted) throw new BuildError('canceled')
        const value = await located(step.line, () => performStep({ run, sandboxes, layers: standing, tell }, step))
        return { value, isCached: value.isCached }
      }),
    )
    if (made.layer === undefined) emptySteps.add(step.historyIndex)
    else layers = [...layers, made.layer]
  }
  return { layers, emptySteps }
}

function stagesFor(step: PlannedStage['steps'][number]): readonly number[] {
  const refs = step.type === 'copy' ? [step.from] : step.type === 'run' ? step.mounts.map(({ from }) => from) : []
  return refs.flatMap((ref) => (ref?.type === 'stage' ? [ref.index] : []))
}

async function located<T>(line: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BuildError && error.message !== 'canceled') throw new StepFailure(error.message, line)
    if (error instanceof DiskError) throw new StepFailure(error.message, line)
    throw error
  }
}
