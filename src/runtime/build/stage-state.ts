import { ok, type Result } from '../../api/result.ts'
import type { BuildStep, SourceRef } from './build-step.ts'
import type { ContainerConfig, ImageDocument } from './image-document.ts'
import { type ExpansionOptions, expandWord } from './shell-expansion.ts'

/** A stage as far as its instructions have been planned. */
export type StageState = Readonly<{
  document: ImageDocument
  /** What commands see: the image's variables, and the arguments that have been declared. */
  env: ReadonlyMap<string, string>
  /** The arguments alone, in the order of their declaration. */
  args: ReadonlyMap<string, string>
  steps: readonly BuildStep[]
  /** Whether CMD was said in this very stage: else ENTRYPOINT takes away what the base has. */
  hasCmd: boolean
}>

/** What holds for all of a stage. */
export type StageFrame = Readonly<{
  /** Of its steps: 'build'; empty where it is the only stage. */
  label: string
  stepTotal: number
  /** Of its first step: 2 where the base image is the first. */
  firstNumber: number
  escapeToken: string
  globalArgs: ReadonlyMap<string, string>
  buildArgs: Readonly<Record<string, string>>
  /** What --from names. */
  refOf(name: string): Result<SourceRef, string>
}>

export function beginStage(document: ImageDocument, inherited?: Pick<StageState, 'env' | 'args'>): StageState {
  const env = new Map(inherited?.env)
  for (const pair of document.config.Env ?? []) env.set(...splitPair(pair))
  return { document, env, args: new Map(inherited?.args), steps: [], hasCmd: false }
}

export function splitPair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=')
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
}

export function withConfig(state: StageState, config: Partial<ContainerConfig>): StageState {
  return { ...state, document: { ...state.document, config: { ...state.document.config, ...config } } }
}

const historyComment = 'coracle.dockerfile.v0'

export function withHistory(state: StageState, createdBy: string, hasLayer = false): StageState {
  const entry = { created_by: createdBy, comment: historyComment, ...(hasLayer ? {} : { empty_layer: true }) }
  return { ...state, document: { ...state.document, history: [...state.document.history, entry] } }
}

export function expandIn(
  { env }: StageState,
  { escapeToken }: StageFrame,
  text: string,
  options: Partial<ExpansionOptions> = {},
): Result<string, string> {
  return expandWord(text, (name) => env.get(name), { escapeToken, ...options })
}

export function expandAll(state: StageState, frame: StageFrame, texts: readonly string[]): Result<string[], string> {
  const expanded: string[] = []
  for (const text of texts) {
    const each = expandIn(state, frame, text)
    if (!each.ok) return each
    expanded.push(each.value)
  }
  return ok(expanded)
}
