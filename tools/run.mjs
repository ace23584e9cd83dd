// Runs one TypeScript file: `node tools/run.mjs FILE.ts [ARG ...]`. Node 20 cannot strip types, so esbuild bundles it first.
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [entry, ...args] = process.argv.slice(2)
if (entry === undefined) throw new Error('usage: node tools/run.mjs FILE.ts [ARG ...]')
const folder = mkdtempSync(path.join('node_modules', '.run-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const outfile = path.join(folder, 'run.mjs')
await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
process.argv = [process.argv[0] ?? 'node', entry, ...args]
await import(pathToFileURL(path.resolve(outfile)).href)
