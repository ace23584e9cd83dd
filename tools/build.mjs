// Bundles src/main/cli.ts into dist/: one file that starts fast, and chunks for what is loaded only when needed.
import { rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: { coracle: 'src/main/cli.ts', daemon: 'src/main/daemon.ts' },
  outdir: 'dist',
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
await writeFile('dist/built', '')
