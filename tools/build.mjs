// Bundles src/main/cli.ts into dist/: one file that starts fast, and chunks for what is loaded only when needed.
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'

const entryPoints = { coracle: 'src/main/cli.ts', daemon: 'src/main/daemon.ts' }
const fresh = path.join('dist', `new-${process.pid}`)
/** For so long a cluster process that was started from an earlier build may still load a chunk of it. */
const keepDays = 30

async function bundle() {
  await build({
    entryPoints,
    outdir: fresh,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    sourcemap: 'linked',
    legalComments: 'none',
    // CommonJS packages inside the bundle call require for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
}

/** Chunks first, which have names of their own, then the entries: a command that starts meanwhile runs the old build or the new one, whole. */
async function putInPlace() {
  const isEntry = (file) => path.parse(file).name.replace('.mjs', '') in entryPoints
  const files = (await readdir(fresh)).sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))
  for (const file of files) await rename(path.join(fresh, file), path.join('dist', file))
}

async function removeOld() {
  for (const file of await readdir('dist')) {
    const { mtimeMs } = await stat(path.join('dist', file))
    if (Date.now() - mtimeMs > keepDays * 86_400_000)
      await rm(path.join('dist', file), { recursive: true, force: true })
  }
}

// Before the sources are read: what is changed from here on is newer.
const startedAt = new Date()
await mkdir(fresh, { recursive: true })
try {
  await bundle()
  await putInPlace()
} finally {
  await rm(fresh, { recursive: true, force: true })
}
await removeOld()
await writeFile('dist/built', '')
await utimes('dist/built', startedAt, startedAt)
