import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { linuxCodec } from '../src/host/linux/codec.ts'
import { buildImage, imageArchive } from '../src/runtime/images/image-archive.ts'
import { eventually, type Ran, run } from './cluster.ts'

const busybox = '/bin/busybox'

/** A containerd of the test's own: its state, its network folders and its socket are where no other looks. */
export interface TestContainerd {
  readonly endpoint: string
  /** Where it looks for configurations of networks. */
  readonly networks: string
  /** An archive of busybox:1.36. */
  readonly busyboxArchive: string
  ctr(...args: readonly string[]): Promise<Ran>
  stop(): Promise<void>
}

export function hasContainerd(): boolean {
  return ['containerd', 'ctr', 'runc'].every((name) =>
    ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(`${folder}/${name}`)),
  )
}

export async function startContainerd(): Promise<TestContainerd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-containerd-'))
  const state = `/run/${path.basename(folder)}`
  const socket = `${state}/containerd.sock`
  const networks = `${folder}/net.d`
  mkdirSync(networks)
  writeFileSync(`${folder}/config.toml`, configuration(folder, state, networks))
  const child = spawn('containerd', ['--config', `${folder}/config.toml`], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const ctr = (...args: readonly string[]): Promise<Ran> =>
    run('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args])
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    for (const place of [folder, state]) rmSync(place, { recursive: true, force: true })
  }
  try {
    await eventually(
      () => ctr('version'),
      ({ code }) => code === 0,
      20_000,
    )
    const pause = await archive(folder, 'localhost/pause:test', ['/bin/busybox', 'sleep', '1000000'])
    const { code, stderr } = await ctr('images', 'import', pause)
    if (code !== 0) throw new Error(stderr)
    const busyboxArchive = await archive(folder, 'docker.io/library/busybox:1.36', ['/bin/sh'])
    return { endpoint: `unix://${socket}`, networks, busyboxArchive, ctr, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function configuration(folder: string, state: string, networks: string): string {
  return `version = 2
root = "${folder}/root"
state = "${state}"
[grpc]
  address = "${state}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:test"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${networks}"
`
}

async function archive(folder: string, name: string, command: readonly string[]): Promise<string> {
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')
  const image = await buildImage(linuxCodec(), {
    name,
    layers: [
      [
        { path: 'bin/busybox', mode: 0o755, content: new Uint8Array(readFileSync(busybox)) },
        ...applets
          .filter((applet) => applet !== 'busybox')
          .map((applet) => ({ path: `bin/${applet}`, type: 'symlink' as const, linkPath: 'busybox' })),
        { path: 'tmp', type: 'directory', mode: 0o1777 },
      ],
    ],
    config: { Entrypoint: command },
  })
  const file = `${folder}/${name.replaceAll(/\W/g, '-')}.tar`
  const parts: Uint8Array[] = []
  for await (const chunk of imageArchive(image)) parts.push(chunk)
  writeFileSync(file, Buffer.concat(parts))
  return file
}
