// Runs one TypeScript file: `node tools/run.mjs FILE.ts [ARG ...]`. Node 20 cannot strip types, so esbuild bundles it first.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [entry, ...args] = process.argv.slice(2)
if (entry === undefined) throw new Error('usage: node tools/run.mjs FILE.ts [ARG ...]')
const folder = await mkdtemp(path.join('node_modules', '.run-'))
const outfile = path.join(folder, 'run.mjs')
try {
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
  process.argv = [process.argv[0] ?? 'node', entry, ...args]
  await import(pathToFileURL(path.resolve(outfile)).href)
} finally {
  await rm(folder, { recursive: true, force: true })
}
