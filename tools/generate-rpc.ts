// Writes src/api/rpc/NAME.generated.ts from a .proto file: the names, numbers and types of its messages and services.
//   node tools/run.mjs tools/generate-rpc.ts cri "$(go env GOMODCACHE)/k8s.io/cri-api@v0.36.1/pkg/apis/runtime/v1/api.proto"
import { readFileSync, writeFileSync } from 'node:fs'

type Item = Readonly<{ name: string; number: number; type: string; label: '' | 'repeated' | 'optional' | 'map' }>
type Declared =
  | Readonly<{ kind: 'message'; name: string; scope: string; items: readonly Item[] }>
  | Readonly<{ kind: 'enum'; name: string; names: readonly string[] }>
type Rpc = Readonly<{ name: string; request: string; response: string; stream: boolean }>
type Service = Readonly<{ name: string; methods: readonly Rpc[] }>

const scalars = ['string', 'bool', 'bytes', 'int32', 'uint32', 'int64', 'uint64', 'double']

function tokensOf(text: string): string[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').replace(/\[[^\]]*\]/g, '')
  return (bare.match(/"[^"]*"|[\w.]+|[^\s\w]/g) ?? []).map((token) => token.replace(/^\.(?=\w)/, ''))
}

/** Reads what tools of Kubernetes write: proto3 with messages in messages, enums, oneofs and maps. */
function parse(text: string) {
  const tokens = tokensOf(text)
  const declared: Declared[] = []
  const services: Service[] = []
  let packageName = ''
  const next = (): string => tokens.shift() ?? ''
  const skipTo = (end: string): void => {
    while (next() !== end);
  }
  const skipBlock = (): void => {
    skipTo('{')
    for (let depth = 1; depth > 0; ) depth += { '{': 1, '}': -1 }[next()] ?? 0
  }
  const field = (label: Item['label'], type: string): Item => {
    const name = next()
    skipTo('=')
    const number = Number(next())
    skipTo(';')
    return { name: camelCase(name), number, type, label }
  }
  const message = (scope: string): void => {
    const name = next()
    const path = scope === '' ? name : `${scope}.${name}`
    const items: Item[] = []
    skipTo('{')
    for (let depth = 1, word = next(); depth > 0; word = depth > 0 ? next() : word) {
      if (word === '}') depth -= 1
      else if (word === 'message') message(path)
      else if (word === 'enum') enumeration(path)
      else if (word === 'option' || word === 'reserved' || word === 'extensions') skipTo(';')
      else if (word === 'oneof') {
        skipTo('{')
        for (let type = next(); type !== '}'; type = next())
          items.push(field(scalars.includes(type) ? 'optional' : '', type))
      } else if (word === 'map') {
        skipTo(',')
        const type = next()
        skipTo('>')
        items.push(field('map', type))
      } else if (word === 'repeated' || word === 'optional') items.push(field(word, next()))
      else items.push(field('', word))
    }
    declared.push({ kind: 'message', name: path, scope: path, items })
  }
  const enumeration = (scope: string): void => {
    const name = next()
    const names: string[] = []
    skipTo('{')
    for (let word = next(); word !== '}'; word = next()) {
      if (word === 'option' || word === 'reserved') {
        skipTo(';')
        continue
      }
      skipTo('=')
      const number = Number(next())
      // Gaps stand for numbers that no name has; of two names for one number the first counts.
      while (names.length < number) names.push(`UNUSED_${names.length}`)
      if (names.length === number) names.push(word)
      skipTo(';')
    }
    declared.push({ kind: 'enum', name: scope === '' ? name : `${scope}.${name}`, names })
  }
  const readService = (): void => {
    const name = next()
    const methods: Rpc[] = []
    skipTo('{')
    for (let word = next(); word !== '}'; word = next()) {
      if (word === 'option') skipTo(';')
      if (word !== 'rpc') continue
      const method = next()
      skipTo('(')
      const request = next()
      skipTo('(')
      const first = next()
      const stream = first === 'stream'
      methods.push({ name: method, request, response: stream ? next() : first, stream })
      if (tokens[1] === '{') skipBlock()
      else if (tokens[1] === ';') skipTo(';')
    }
    services.push({ name, methods })
  }
  for (let word = next(); word !== ''; word = next()) {
    if (word === 'package') packageName = next()
    else if (word === 'message') message('')
    else if (word === 'enum') enumeration('')
    else if (word === 'service') readService()
    else if (word === 'extend') skipBlock()
    else if (word !== ';') skipTo(';')
  }
  return { packageName, declared, services }
}

function camelCase(name: string): string {
  return name.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** 'VolumeCapability.BlockVolume' → 'VolumeCapabilityBlockVolume'; words that the tables themselves use get another one. */
function constantOf(name: string): string {
  const joined = name.replaceAll('.', '')
  const constant = joined.replace(/^[A-Z]+(?=[A-Z][a-z]|\d|$)|^[A-Z]/, (letters) => letters.toLowerCase())
  return ['service', 'message', 'list', 'map', 'optional', 'unary', 'serverStream', 'enumOf'].includes(constant)
    ? `${constant}Message`
    : constant
}

type Parsed = ReturnType<typeof parse>

/** As the language does: from the innermost scope outward. */
function resolve({ packageName, declared }: Parsed, scope: string, type: string): string {
  const bare = type.replace(new RegExp(`^${packageName.replaceAll('.', '\\.')}\\.`), '')
  for (let at = scope; ; at = at.includes('.') ? at.slice(0, at.lastIndexOf('.')) : '') {
    const path = at === '' ? bare : `${at}.${bare}`
    if (declared.some(({ name }) => name === path)) return path
    if (at === '') throw new Error(`no type ${type} in ${scope}`)
  }
}

/** Those that others need come first; a type that holds itself cannot be said this way. */
function inOrder(parsed: Parsed): readonly Declared[] {
  const done = new Set<Declared>()
  const visit = (declared: Declared, within: readonly Declared[]): void => {
    if (within.includes(declared)) throw new Error(`${declared.name} holds itself`)
    if (declared.kind === 'message') {
      for (const { type } of declared.items) {
        if (scalars.includes(type) || type.startsWith('google.protobuf.')) continue
        const path = resolve(parsed, declared.scope, type)
        const needed = parsed.declared.find(({ name }) => name === path)
        if (needed !== undefined) visit(needed, [...within, declared])
      }
    }
    done.add(declared)
  }
  for (const declared of parsed.declared) visit(declared, [])
  return [...done]
}

function textOf(parsed: Parsed): string {
  const wellKnown = new Set<string>()
  const typeText = (scope: string, type: string): string => {
    if (scalars.includes(type)) return `'${type}'`
    if (!type.startsWith('google.protobuf.')) return constantOf(resolve(parsed, scope, type))
    const name = constantOf(type.slice('google.protobuf.'.length))
    wellKnown.add(name)
    return name
  }
  const fieldText = (scope: string, { name, number, type, label }: Item): string => {
    const of = typeText(scope, type)
    const isScalar = scalars.includes(type)
    if (label === 'repeated') return `${name}: [${number}, list(${of})]`
    if (label === 'map') return `${name}: [${number}, map(${of})]`
    return `${name}: [${number}, ${label === 'optional' && isScalar ? `optional(${of})` : of}]`
  }
  const constants = inOrder(parsed).map((declared) =>
    declared.kind === 'enum'
      ? `export const ${constantOf(declared.name)} = enumOf(${declared.names.map((name) => `'${name}'`).join(', ')})`
      : `export const ${constantOf(declared.name)} = message('${declared.name}', {${declared.items.map((item) => ` ${fieldText(declared.scope, item)},`).join('')} })`,
  )
  const services = parsed.services.map(({ name, methods }) => {
    const lines = methods.map(
      ({ name: method, stream, request, response }) =>
        `  ${method}: ${stream ? 'serverStream' : 'unary'}(${typeText('', request)}, ${typeText('', response)}),`,
    )
    return `export const ${constantOf(name)} = service('${parsed.packageName}.${name}', {\n${lines.join('\n')}\n})`
  })
  const body = [...constants, ...services].join('\n\n')
  const used = (names: readonly string[]) => names.filter((name) => new RegExp(`\\b${name}\\(`).test(body)).join(', ')
  return [
    '// Generated by tools/generate-rpc.ts. Do not edit.',
    `import { ${used(['enumOf', 'list', 'map', 'message', 'optional'])} } from './message.ts'`,
    `import { ${used(['serverStream', 'service', 'unary'])} } from './service.ts'`,
    ...(wellKnown.size > 0 ? [`import { ${[...wellKnown].sort().join(', ')} } from './well-known.ts'`] : []),
    '',
    body,
    '',
  ].join('\n')
}

const [name, file] = process.argv.slice(2)
if (name === undefined || file === undefined) throw new Error('usage: generate-rpc.ts NAME FILE.proto')
const target = `src/api/rpc/${name}.generated.ts`
writeFileSync(target, textOf(parse(readFileSync(file, 'utf8'))))
console.log(`${target} written`)
