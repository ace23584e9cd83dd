import { fail, ok, type Result } from '../../api/result.ts'
import { formatImageReference, parseImageReference } from '../images/image-reference.ts'
import { type BuildPlatform, formatPlatform, parsePlatform, platformArgs } from './build-platform.ts'
import type { BuildStep, SourceRef } from './build-step.ts'
import type { SourceError } from './dockerfile-source.ts'
import { emptyDocument, type ImageDocument } from './image-document.ts'
import type { Dockerfile, Instruction, Stage } from './instruction.ts'
import { parseTrigger } from './parse-dockerfile.ts'
import { planInstructions } from './plan-stage.ts'
import { parseRunMount } from './run-mount.ts'
import { expandWord } from './shell-expansion.ts'
import { beginStage, type StageFrame, type StageState, withConfig } from './stage-state.ts'

export type BuildOptions = Readonly<{
  /** A stage's name; empty: the last. */
  target: string
  buildArgs: Readonly<Record<string, string>>
  labels: Readonly<Record<string, string>>
  /** Absent: this machine's. */
  platform?: BuildPlatform
  /** What programs can run here. */
  machine: BuildPlatform
}>

export type StageBase = Readonly<
  { type: 'scratch' } | { type: 'stage'; index: number } | { type: 'image'; reference: string }
>

export type PlannedStage = Readonly<{
  /** Where it is in the Dockerfile: what other stages name it by. */
  index: number
  base: StageBase
  /** '[build 1/4] FROM docker.io/library/busybox:1.36'; empty where nothing is fetched. */
  baseName: string
  line: number
  steps: readonly BuildStep[]
  document: ImageDocument
}>

export type BuildPlan = Readonly<{
  /** Those that are needed, in their order. */
  stages: readonly PlannedStage[]
  target: number
}>

/** Images that must be known before the build can be planned, with the lines that name them. */
export type MissingImages = ReadonlyMap<string, number>

type Resolved = Stage & Readonly<{ from: StageBase; builtFor: BuildPlatform }>
type Graph = Readonly<{
  dockerfile: Dockerfile
  options: BuildOptions
  globalArgs: ReadonlyMap<string, string>
  stages: readonly Resolved[]
  documents: ReadonlyMap<string, ImageDocument>
}>

/**
 * Plans a build: which stages are needed, and what each does. `documents` are the images that are known, by their full names; where others
 * are needed, these come instead. Knows nothing of files.
 */
export function planBuild(
  dockerfile: Dockerfile,
  options: BuildOptions,
  documents: ReadonlyMap<string, ImageDocument>,
): Result<Readonly<{ plan: BuildPlan } | { missing: MissingImages }>, SourceError> {
  const globalArgs = planGlobalArgs(dockerfile, options)
  if (!globalArgs.ok) return globalArgs
  const stages = resolveStages(dockerfile, options, globalArgs.value)
  if (!stages.ok) return stages
  const target = options.target === '' ? stages.value.length - 1 : targetOf(stages.value, options.target)
  if (target < 0) return fail({ line: 1, message: `target stage ${JSON.stringify(options.target)} could not be found` })
  const graph: Graph = { dockerfile, options, globalArgs: globalArgs.value, stages: stages.value, documents }
  const needed = neededStages(graph, target)
  if (!needed.ok) return needed
  if (needed.value.missing.size > 0) return ok({ missing: needed.value.missing })
  const planned = planStages(graph, needed.value.instructions)
  if (!planned.ok) return planned
  const labelled = planned.value.map((stage) =>
    stage.index === target ? { ...stage, document: withLabels(stage.document, options.labels) } : stage,
  )
  return ok({ plan: { stages: labelled, target } })
}

function withLabels(document: ImageDocument, labels: Readonly<Record<string, string>>): ImageDocument {
  if (Object.keys(labels).length === 0) return document
  return { ...document, config: { ...document.config, Labels: { ...document.config.Labels, ...labels } } }
}

function targetOf(stages: readonly Resolved[], name: string): number {
  const lower = name.toLowerCase()
  const byName = stages.findLastIndex((stage) => stage.name === lower)
  return byName >= 0 ? byName : /^\d+$/.test(name) && Number(name) < stages.length ? Number(name) : -1
}

function planGlobalArgs(
  { globalArgs, stages, escapeToken }: Dockerfile,
  { buildArgs, machine, platform = machine, target }: BuildOptions,
): Result<ReadonlyMap<string, string>, SourceError> {
  const goal = target === '' ? (stages.at(-1)?.name ?? '') : target
  const values = new Map(
    platformArgs(machine, platform, goal).map(([name, value]) => [name, buildArgs[name] ?? value] as const),
  )
  for (const { args, line } of globalArgs) {
    for (const { name, value: preset } of args) {
      const given = Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined
      if (given === undefined && preset === undefined) continue
      const value =
        given === undefined ? expandWord(preset ?? '', (key) => values.get(key), { escapeToken }) : ok(given)
      if (!value.ok) return fail({ line, message: value.error })
      values.set(name, value.value)
    }
  }
  return ok(values)
}

function resolveStages(
  { stages, escapeToken }: Dockerfile,
  { machine, platform = machine }: BuildOptions,
  globalArgs: ReadonlyMap<string, string>,
): Result<readonly Resolved[], SourceError> {
  const resolved: Resolved[] = []
  for (const stage of stages) {
    const { line } = stage
    const expand = (text: string) => expandWord(text, (name) => globalArgs.get(name), { escapeToken })
    const base = expand(stage.base)
    if (!base.ok) return fail({ line, message: base.error })
    if (base.value === '') return fail({ line, message: `base name (${stage.base}) should not be blank` })
    const own = stagePlatform(stage, expand)
    if (!own.ok) return fail({ line, message: own.error })
    const from = baseOf(base.value, resolved)
    if (!from.ok) return fail({ line, message: from.error })
    const inherited = from.value.type === 'stage' ? resolved[from.value.index]?.builtFor : undefined
    const wanted = inherited ?? own.value ?? platform
    if (from.value.type === 'image' && wanted.architecture !== machine.architecture) {
      const message = `${base.value}: images for ${formatPlatform(wanted)} cannot be built on: this machine is ${formatPlatform(machine)}`
      return fail({ line, message })
    }
    resolved.push({ ...stage, from: from.value, builtFor: wanted })
  }
  return ok(resolved)
}

function stagePlatform(
  { platform }: Stage,
  expand: (text: string) => Result<string, string>,
): Result<BuildPlatform | undefined, string> {
  if (platform === '') return ok(undefined)
  const text = expand(platform)
  if (!text.ok) return text
  return text.value === '' ? fail(`empty platform value from expression ${platform}`) : parsePlatform(text.value)
}

function baseOf(name: string, earlier: readonly Resolved[]): Result<StageBase, string> {
  const index = earlier.findLastIndex((stage) => stage.name !== '' && stage.name === name)
  if (index >= 0) return ok({ type: 'stage', index })
  if (name === 'scratch') return ok({ type: 'scratch' })
  return imageNamed(name)
}

function imageNamed(name: string): Result<Readonly<{ type: 'image'; reference: string }>, string> {
  const reference = parseImageReference(name)
  return reference.ok
    ? ok({ type: 'image', reference: formatImageReference(reference.value) })
    : fail(`failed to parse stage name ${JSON.stringify(name)}: ${reference.error}`)
}

/** What --from means within a stage: a stage's number or name, or an image. */
function refOf(stages: readonly Resolved[], within: number, name: string): Result<SourceRef, string> {
  if (name.includes('$'))
    return fail(
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
    )
  if (/^\d+$/.test(name)) {
    const index = Number(name)
    if (index >= stages.length) return fail(`invalid stage index ${index}`)
    return index < within ? ok({ type: 'stage', index }) : fail(undefinedYet(name, stages[within]))
  }
  const index = stages.findLastIndex((stage) => stage.name === name.toLowerCase())
  if (index < 0) return imageNamed(name)
  return index < within ? ok({ type: 'stage', index }) : fail(undefinedYet(name, stages[within]))
}

function undefinedYet(name: string, stage: Resolved | undefined): string {
  const current = stage?.name ?? ''
  if (current !== '' && current === name.toLowerCase()) return `circular dependency detected on stage: ${name}`
  return `cannot copy from stage ${JSON.stringify(name)}, it needs to be defined before current stage ${JSON.stringify(current)}`
}

type Needed = Readonly<{
  /** Of each stage that is needed, with what its base's triggers bring. */
  instructions: ReadonlyMap<number, readonly Instruction[]>
  missing: MissingImages
}>

/** Goes from the target to all that it needs. Triggers of bases count: they may name further stages and images. */
function neededStages(graph: Graph, target: number): Result<Needed, SourceError> {
  const instructions = new Map<number, readonly Instruction[]>()
  const missing = new Map<string, number>()
  const waiting = [target]
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const stage = graph.stages[index]
    if (stage === undefined || instructions.has(index)) continue
    if (stage.from.type === 'stage') waiting.push(stage.from.index)
    if (stage.from.type === 'image' && !graph.documents.has(stage.from.reference))
      missing.set(stage.from.reference, stage.line)
    const triggers = triggersOf(graph, stage)
    if (!triggers.ok) return triggers
    const all = [...triggers.value, ...stage.instructions]
    instructions.set(index, all)
    const sources = sourcesOf(graph.stages, index, all)
    if (!sources.ok) return sources
    for (const [ref, line] of sources.value)
      if (ref.type === 'stage') waiting.push(ref.index)
      else if (ref.type === 'image' && !graph.documents.has(ref.reference)) missing.set(ref.reference, line)
  }
  return ok({ instructions, missing })
}

function triggersOf(
  { stages, documents }: Graph,
  { from, line }: Resolved,
): Result<readonly Instruction[], SourceError> {
  const base = from.type === 'stage' ? stages[from.index] : undefined
  const own = base?.instructions.flatMap((each) => (each.type === 'onbuild' ? [each.trigger] : [])) ?? []
  const texts = from.type === 'image' ? (documents.get(from.reference)?.config.OnBuild ?? []) : own
  const triggers: Instruction[] = []
  for (const text of texts) {
    const trigger = parseTrigger(text, line)
    if (!trigger.ok) return trigger
    triggers.push(trigger.value)
  }
  return ok(triggers)
}

/** Stages and images that a stage's instructions take files from. */
function sourcesOf(
  stages: readonly Resolved[],
  index: number,
  instructions: readonly Instruction[],
): Result<readonly (readonly [SourceRef, number])[], SourceError> {
  const found: (readonly [SourceRef, number])[] = []
  for (const instruction of instructions) {
    for (const name of namesIn(instruction)) {
      const ref = refOf(stages, index, name)
      if (!ref.ok) return fail({ line: instruction.line, message: ref.error })
      found.push([ref.value, instruction.line])
    }
  }
  return ok(found)
}

function namesIn(instruction: Instruction): readonly string[] {
  if (instruction.type === 'copy') return instruction.from === '' ? [] : [instruction.from]
  if (instruction.type !== 'run') return []
  return instruction.mounts.flatMap((text) => {
    const mount = parseRunMount(text, ok)
    return mount.ok && mount.value.from !== '' ? [mount.value.from] : []
  })
}

function planStages(
  graph: Graph,
  needed: ReadonlyMap<number, readonly Instruction[]>,
): Result<readonly PlannedStage[], SourceError> {
  const states = new Map<number, StageState>()
  const planned: PlannedStage[] = []
  for (const index of [...needed.keys()].sort((a, b) => a - b)) {
    const stage = graph.stages[index]
    if (stage === undefined) continue
    const instructions = needed.get(index) ?? []
    const frame = frameOf(graph, index, stage, instructions)
    const state = planInstructions(beginOn(graph, states, stage), frame, instructions)
    if (!state.ok) return state
    states.set(index, state.value)
    const { steps, document } = state.value
    const label = frame.label === '' ? '' : `${frame.label} `
    const first = `${'1'.padStart(String(frame.stepTotal).length)}/${frame.stepTotal}`
    const baseName = stage.from.type === 'image' ? `[${label}${first}] FROM ${stage.from.reference}` : ''
    planned.push({ index, base: stage.from, baseName, line: stage.line, steps, document })
  }
  return ok(planned)
}

function beginOn({ documents }: Graph, states: ReadonlyMap<number, StageState>, stage: Resolved): StageState {
  const withoutTriggers = (state: StageState): StageState => withConfig(state, { OnBuild: [] })
  if (stage.from.type === 'stage') {
    const base = states.get(stage.from.index)
    if (base !== undefined) return withoutTriggers(beginStage(base.document, base))
  }
  const known = stage.from.type === 'image' ? documents.get(stage.from.reference) : undefined
  return withoutTriggers(beginStage(known ?? emptyDocument(stage.builtFor)))
}

function frameOf(
  { dockerfile, options, globalArgs, stages }: Graph,
  index: number,
  stage: Resolved,
  instructions: readonly Instruction[],
): StageFrame {
  const fetched = stage.from.type === 'image' ? 1 : 0
  const makesLayer = ({ type }: Instruction): boolean =>
    type === 'add' || type === 'copy' || type === 'run' || type === 'workdir'
  return {
    label: stages.length === 1 ? '' : stage.name === '' ? `stage-${index}` : stage.name,
    stepTotal: fetched + instructions.filter(makesLayer).length,
    firstNumber: fetched + 1,
    escapeToken: dockerfile.escapeToken,
    globalArgs,
    buildArgs: options.buildArgs,
    refOf: (name) => refOf(stages, index, name),
  }
}
