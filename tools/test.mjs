// `./coracle test`: types, lint, then every test; ends with one line that counts them. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

// What real containers and networks need, busybox for the images that tests make, and another runtime. Installed only by root, only if missing.
const packages = {
  crun: 'crun',
  conmon: 'conmon',
  nft: 'nftables',
  ip: 'iproute2',
  socat: 'socat',
  busybox: 'busybox-static',
  containerd: 'containerd',
}

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}

function installPackages() {
  const missing = Object.entries(packages)
    .filter(([program]) => !has(program))
    .map(([, name]) => name)
  if (missing.length === 0 || process.getuid?.() !== 0 || !has('apt-get')) return
  console.log(`Installing ${missing.join(', ')} with apt-get`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...missing],
  ]) {
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  }
  // Tests start one of their own; the package's is nobody's wish.
  if (missing.includes('containerd')) spawnSync('systemctl', ['disable', '--now', 'containerd'], { stdio: 'ignore' })
}

function step(name, command, args) {
  const startedMs = performance.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  console.log(
    `${name}: ${status === 0 ? 'ok' : `failed (${status})`} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
  )
  return status === 0
}

/**
 * What the tests' own process is run with. The simulation is many small functions that make much garbage: twice the room for the young,
 * and functions compiled as soon as they are run, save a fifth of its time.
 */
const nodeFlags = ['--max-semi-space-size=32', '--always-sparkplug']

/** Runs one vitest configuration and adds its counts. */
function vitest(config, counts) {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-test-'))
  const report = path.join(folder, 'report.json')
  try {
    const args = [
      ...nodeFlags,
      path.join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ]
    const passed = step(`tests of ${config}`, process.execPath, args)
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    counts.passed += numPassedTests
    // A file that cannot even be loaded has no failed test, and must not pass for that.
    counts.failed += numFailedTests || (passed ? 0 : Math.max(1, numFailedTestSuites))
    counts.skipped += numPendingTests
  } catch (error) {
    console.error(`no report from ${config}: ${error.message}`)
    counts.failed += 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

installPackages()
const counts = { passed: 0, failed: 0, skipped: 0 }
const checks = [
  step('types', 'npx', ['tsc', '--noEmit', '--incremental', 'false']),
  step('lint', 'npx', ['biome', 'check', '.']),
]
for (const passed of checks) counts[passed ? 'passed' : 'failed'] += 1
for (const config of ['vitest.config.ts', 'vitest.e2e.config.ts']) vitest(config, counts)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
