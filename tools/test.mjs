// `./coracle test`: types, lint, every test, and the simulation beside them; ends with one line that counts all. Arguments go to vitest, and
// leave the simulation out.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

async function step(name, command, args) {
  const startedMs = performance.now()
  const [status] = await once(spawn(command, args, { stdio: 'inherit' }), 'exit')
  console.log(
    `${name}: ${status === 0 ? 'ok' : `failed (${status})`} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
  )
  return status === 0
}

/** Begins the simulation, which has what the other steps leave of the processors. What is returned waits for its end and adds its counts. */
function startSimulation(counts) {
  const startedMs = performance.now()
  const command = [process.execPath, 'tools/run.mjs', 'src/main/simulate-cli.ts', '--seeds', '1-200']
  // Over the channel it notices when this process has gone.
  const options = { detached: true, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }
  const running = spawn('nice', ['-n', '19', ...command], options)
  yieldToOtherSessions(running.pid)
  let output = ''
  running.stdout.on('data', (chunk) => {
    output += chunk
  })
  const ended = once(running, 'close')
  return async () => {
    await ended
    const [, seeds, failed] = /^(\d+) seeds, (\d+) failed/m.exec(output) ?? [undefined, 1, 1]
    counts.passed += Number(seeds) - Number(failed)
    counts.failed += Number(failed)
    console.log(`${output}simulation: ended after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  }
}

/** Linux shares the processors among sessions first: niceness counts within one. */
function yieldToOtherSessions(pid) {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '19')
  } catch {
    // This kernel does not.
  }
}

/** Runs one vitest configuration and adds its counts. */
async function vitest(config, counts) {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-test-'))
  const report = path.join(folder, 'report.json')
  try {
    const args = [
      path.join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ]
    const passed = await step(`tests of ${config}`, process.execPath, args)
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
const simulated = process.argv.length > 2 ? undefined : startSimulation(counts)
const checks = [
  await step('types', 'npx', ['tsc', '--noEmit', '--incremental', 'false']),
  await step('lint', 'npx', ['biome', 'check', '.']),
]
for (const passed of checks) counts[passed ? 'passed' : 'failed'] += 1
for (const config of ['vitest.config.ts', 'vitest.e2e.config.ts']) await vitest(config, counts)
await simulated?.()
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
