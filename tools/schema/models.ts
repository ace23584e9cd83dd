// What @kubernetes/client-node knows of the API: its models with their fields, and which API groups mention which models.
import { readFileSync } from 'node:fs'

const generated = 'node_modules/@kubernetes/client-node/dist/gen'

/** A field as client-node declares it: type is its TypeScript spelling, format the OpenAPI format. */
export type ModelField = Readonly<{ name: string; type: string; format: string; required: boolean }>

/** Names of the models of the current release. (The folder also holds those of earlier ones.) */
export function modelNames(): readonly string[] {
  const list = readFileSync(`${generated}/models/all.js`, 'utf8')
  return [...list.matchAll(/models\/(\w+)\.js/g)].map((match) => match[1] ?? '').sort()
}

export function modelFields(model: string): readonly ModelField[] {
  const js = readFileSync(`${generated}/models/${model}.js`, 'utf8')
  const declared = readFileSync(`${generated}/models/${model}.d.ts`, 'utf8')
  const fields = js.matchAll(/"name": "(.*?)",\s*"baseName": "(.*?)",\s*"type": "(.*?)",\s*"format": "(.*?)"/g)
  return [...fields].map(([, property = '', name = '', type = '', format = '']) => ({
    name,
    type,
    format,
    required: declared.includes(`\n    '${property}': `),
  }))
}

/** Models in the order in which the group's API mentions them, by group version: 'apps/v1' → V1Deployment … */
export function modelsByGroupVersion(): ReadonlyMap<string, readonly string[]> {
  const index = readFileSync(`${generated}/index.js`, 'utf8')
  const groups = new Map<string, readonly string[]>()
  for (const [, api = ''] of index.matchAll(/as (\w+V\d\w*Api)\b/g)) {
    const requests = readFileSync(`${generated}/apis/${api}.js`, 'utf8')
    const path = /localVarPath = '\/(?:api|apis\/([^/']+))\/(v\d\w*)/.exec(requests)
    const declared = readFileSync(`${generated}/apis/${api}.d.ts`, 'utf8')
    const models = [...declared.matchAll(/models\/(\w+)\.js/g)].map((match) => match[1] ?? '')
    if (path !== null) groups.set(`${path[1] ?? 'core'}/${path[2]}`, models)
  }
  return groups
}
