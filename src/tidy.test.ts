import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

/** The architecture: what a file in a folder may import besides its own folder. Longest prefix wins. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  api: [],
  cel: ['api'],
  ports: ['api'],
  store: ['api', 'ports'],
  client: ['api', 'ports'],
  runtime: ['api', 'ports', 'client'],
  apiserver: ['api', 'cel', 'ports', 'store', 'client', 'runtime'],
  controllers: ['api', 'cel', 'ports', 'store', 'client', 'runtime'],
  scheduler: ['api', 'cel', 'ports', 'store', 'client', 'runtime'],
  network: ['api', 'ports', 'store', 'client', 'runtime'],
  sim: ['api', 'ports', 'store', 'client', 'runtime'],
  kubelet: ['api', 'ports', 'store', 'client', 'runtime', 'network'],
  'host/linux': ['api', 'ports'],
  'host/sim': ['api', 'ports'],
  'host/contract': ['api', 'ports', 'host/linux', 'host/sim'],
  main: ['*'],
}

/** Folders that may touch the operating system, the clock and chance by themselves. */
const impure = ['host/', 'main/']

/** npm packages that compute only: no time, chance or I/O of their own. */
const purePackages: Readonly<Record<string, readonly string[]>> = {
  yaml: ['api', 'apiserver'],
  'dns-packet': ['network'],
}

const ambient = [
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bMath\.random\(/,
  /\bperformance\.now\(/,
  /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask|fetch|require)\(/,
  /\bprocess\./,
  /\bconsole\./,
  /\bcrypto\./,
  /\bglobalThis\b/,
]

type Source = Readonly<{ file: string; text: string; code: string; imports: readonly string[] }>

const files = readdirSync('src', { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))
  .sort()
const sources = files.map(read).filter(({ file }) => !file.endsWith('.test.ts'))
const written = sources.filter(({ file }) => !file.includes('.generated.'))

function read(file: string): Source {
  const text = readFileSync(path.join('src', file), 'utf8')
  const imports = [
    ...text.matchAll(
      /^(?:import|export)\b[^'"]*?from ['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gms,
    ),
  ]
  return { file, text, code: withoutProse(text), imports: imports.map((m) => m[1] ?? m[2] ?? m[3] ?? '') }
}

/** The text with the insides of comments and plain strings blanked, so that words in them are not taken for code. */
function withoutProse(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (prose) =>
    prose.replace(/[^\n]/g, ' '),
  )
}

function folderOf(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0]
}

function targetOf(file: string, specifier: string): string {
  return path.normalize(path.join(path.dirname(file), specifier))
}

/** The modules of the house that a file takes more than types from. */
function neededBy({ file, text }: Source): readonly string[] {
  return [...text.matchAll(/^import (?!type\b)([^'"]*?)from '(\.[^']+)'/gms)]
    .filter(([, names = '']) => !/^\{(?:\s*type \w+,?)+\s*\}\s*$/.test(names))
    .map(([, , specifier = '']) => targetOf(file, specifier))
}

/** Whatever is left when all that need nothing of the rest have gone, and all that nothing of the rest needs. */
function circles(): readonly string[] {
  const needs = new Map(sources.map((source) => [source.file, neededBy(source)]))
  for (let before = -1; before !== needs.size; ) {
    before = needs.size
    const needed = new Set([...needs.values()].flat())
    for (const [file, targets] of needs)
      if (!needed.has(file) || !targets.some((target) => needs.has(target))) needs.delete(file)
  }
  return [...needs.keys()]
}

function isImpure(file: string): boolean {
  return impure.some((folder) => file.startsWith(folder))
}

function importFault(file: string, specifier: string): string | undefined {
  const folder = folderOf(file)
  if (folder === undefined) return `${file}: belongs to no folder of the table`
  const allowed = mayImport[folder] ?? []
  if (!specifier.startsWith('.')) {
    if (isImpure(file) || purePackages[specifier]?.includes(folder)) return undefined
    return `${file}: imports ${specifier}; put it behind a port`
  }
  const target = folderOf(targetOf(file, specifier))
  if (target === undefined) return `${file}: imports ${specifier}, which belongs to no folder of the table`
  return target === folder || allowed.includes('*') || allowed.includes(target)
    ? undefined
    : `${file}: ${folder} may not import ${target}`
}

/** Lines of each top-level or nested function with a block body, by matching the closing brace to the opening line's indent. */
function longFunctions({ file, text }: Source): string[] {
  const lines = text.split('\n')
  const faults: string[] = []
  lines.forEach((line, at) => {
    const opens =
      /^(\s*)(?:export )?(?:async )?function\b.*|^(\s*)(?:export )?const \w+ = .*=> \{$|^(\s*)(?:async )?[\w$]+\(.*\).* \{$/.exec(
        line,
      )
    if (opens === null || /^\s*(?:if|for|while|switch|return|catch)\b/.test(line)) return
    const indent = opens[1] ?? opens[2] ?? opens[3] ?? ''
    const length =
      lines.slice(at).findIndex((later) => later.startsWith(`${indent}}`) && !later.startsWith(`${indent}})`)) + 1
    if (length > 70) faults.push(`${file}:${at + 1}: a function of ${length} lines`)
  })
  return faults
}

describe('the house is tidy', () => {
  it('imports only its own folder and the floors below', () => {
    expect(
      sources.flatMap(({ file, imports }) => imports.flatMap((specifier) => importFault(file, specifier) ?? [])),
    ).toEqual([])
  })

  it('has no modules that need one another in a circle', () => {
    expect(circles()).toEqual([])
  })

  it('takes time, chance and the world from ports', () => {
    const faults = written
      .filter(({ file }) => !isImpure(file))
      .flatMap(({ file, code }) =>
        code
          .split('\n')
          .flatMap((line, at) =>
            ambient.filter((leak) => leak.test(line)).map(() => `${file}:${at + 1}: ${line.trim()}`),
          ),
      )
    expect(faults).toEqual([])
  })

  it('has both twins and a contract for every port', () => {
    const ports = files.filter((file) => /^ports\/[a-z-]+\.ts$/.test(file))
    const wanted = ports.flatMap((file) => ['host/linux', 'host/sim'].map((folder) => file.replace('ports', folder)))
    const contracts = ports
      .filter((file) => file !== 'ports/log.ts')
      .flatMap((file) => [
        file.replace('ports', 'host/contract'),
        file.replace('ports', 'host/contract').replace('.ts', '.test.ts'),
      ])
    expect([...wanted, ...contracts].filter((file) => !files.includes(file))).toEqual([])
  })

  it('keeps files within 400 lines and functions within 70', () => {
    const long = written
      .filter(({ text }) => text.split('\n').length > 401)
      .map(({ file, text }) => `${file}: ${text.split('\n').length} lines`)
    // A contract is one body of many tests.
    const measured = written.filter(({ file }) => !file.startsWith('host/contract/'))
    expect([...long, ...measured.flatMap(longFunctions)]).toEqual([])
  })

  it('names files after what they hold', () => {
    const faults = files.filter(
      (file) => /(^|\/)(utils?|helpers?|common|misc|index|types)\.ts$/.test(file) || !/^[a-z0-9./-]+$/.test(file),
    )
    expect(faults).toEqual([])
  })

  it('has no file that nothing imports', () => {
    const imported = new Set(
      files
        .map(read)
        .flatMap(({ file, imports }) => imports.filter((s) => s.startsWith('.')).map((s) => targetOf(file, s))),
    )
    const roots = (file: string): boolean =>
      file.startsWith('main/') || file.startsWith('ports/') || file.endsWith('.generated.ts')
    expect(sources.map(({ file }) => file).filter((file) => !roots(file) && !imported.has(file))).toEqual([])
  })

  it('keeps to plain modules: no barrels, no default exports, no escape from the type checker', () => {
    const faults = written.flatMap(({ file, code }) => [
      ...(/^export (\*|\{[^}]*\}) from/m.test(code) ? [`${file}: re-exports`] : []),
      ...(/^export default/m.test(code) ? [`${file}: default export`] : []),
      ...(/@ts-(ignore|nocheck|expect-error)/.test(readFileSync(path.join('src', file), 'utf8'))
        ? [`${file}: silences the type checker`]
        : []),
    ])
    expect(faults).toEqual([])
  })
})
