// Writes src/api/kinds.generated.ts: read-only TypeScript types of every Kubernetes API type, from the field maps and
// declarations of @kubernetes/client-node (a development dependency). `node tools/run.mjs tools/generate-kinds.ts`
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const models = 'node_modules/@kubernetes/client-node/dist/gen/models'
const aliases: Readonly<Record<string, string>> = {
  CoreV1Event: 'Event',
  CoreV1EventList: 'EventList',
  CoreV1EndpointPort: 'EndpointPort',
}

function typeName(model: string): string {
  return aliases[model] ?? model.replace(/^V1(?=[A-Z])/, '')
}

function fieldType(declared: string): string {
  const list = /^(?:Array|Set)<(.*)>$/s.exec(declared)
  if (list?.[1] !== undefined) return `readonly ${wrap(fieldType(list[1]))}[]`
  const map = /^\{\s*\[key: string\]:\s*(.*?);?\s*\}$/s.exec(declared)
  if (map?.[1] !== undefined) return `Readonly<Record<string, ${fieldType(map[1])}>>`
  if (declared === 'Date' || declared === 'V1MicroTime') return 'string'
  if (declared === 'any' || declared === 'object') return 'unknown'
  if (declared === 'IntOrString') return 'number | string'
  if (['string', 'number', 'boolean'].includes(declared)) return declared
  return typeName(declared)
}

function wrap(type: string): string {
  return /[ |]/.test(type) ? `(${type})` : type
}

function declaration(model: string): string {
  const text = readFileSync(`${models}/${model}.d.ts`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const body = text.slice(text.indexOf('export declare class'), text.indexOf('static readonly discriminator'))
  const baseNames = new Map<string, string>()
  const js = readFileSync(`${models}/${model}.js`, 'utf8')
  for (const m of js.matchAll(/"name": "(.*?)",\s*"baseName": "(.*?)"/g)) baseNames.set(m[1] ?? '', m[2] ?? '')
  const fields = [...body.matchAll(/^ {4}'([^']+)'(\??): ([\s\S]*?);\n(?= {4}'| {4}$|$)/gm)]
  const lines = fields.map(([, name = '', optional = '', type = '']) => {
    const base = baseNames.get(name) ?? name
    return `  ${/^\w+$/.test(base) ? base : `'${base}'`}${optional}: ${fieldType(type.trim())}`
  })
  return `export type ${typeName(model)} = Readonly<{\n${lines.join('\n')}\n}>\n`
}

const names = readdirSync(models)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3))
  .filter((model) => readFileSync(`${models}/${model}.js`, 'utf8').includes('attributeTypeMap = ['))
  .sort()
const head = '// Written by tools/generate-kinds.ts from @kubernetes/client-node. Do not edit.\n\n'
writeFileSync('src/api/kinds.generated.ts', head + names.map(declaration).join('\n'))
