import { fail, ok, type Result } from '../../api/result.ts'

export type BuildPlatform = Readonly<{ architecture: string; variant?: string }>

const architectures: Readonly<Record<string, string>> = {
  amd64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  arm64: 'arm64',
  aarch64: 'arm64',
  arm: 'arm',
  armhf: 'arm',
  '386': '386',
  i386: '386',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
}

/** 'linux/amd64', 'arm64', 'linux/arm/v7', as github.com/containerd/platforms reads them. */
export function parsePlatform(text: string): Result<BuildPlatform, string> {
  const parts = text.toLowerCase().split('/')
  const [os, name = '', variant] = parts[0] === 'linux' ? parts : ['linux', ...parts]
  const architecture = Object.hasOwn(architectures, name) ? architectures[name] : undefined
  if (os !== 'linux' || architecture === undefined || parts.length > 3)
    return fail(`failed to parse platform ${text}: only Linux on known architectures is built for`)
  // What every such machine is goes without saying.
  const isDefault = variant === undefined || variant === '' || (architecture === 'arm64' && variant === 'v8')
  return ok({ architecture, ...(isDefault ? {} : { variant }) })
}

export function formatPlatform({ architecture, variant }: BuildPlatform): string {
  return `linux/${architecture}${variant === undefined ? '' : `/${variant}`}`
}

/** The arguments that each Dockerfile may declare without their being given. */
export function platformArgs(
  build: BuildPlatform,
  target: BuildPlatform,
  stage: string,
): readonly (readonly [name: string, value: string])[] {
  const of = (prefix: string, platform: BuildPlatform): readonly (readonly [string, string])[] => [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, 'linux'],
    [`${prefix}OSVERSION`, ''],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ]
  return [...of('BUILD', build), ...of('TARGET', target), ['TARGETSTAGE', stage === '' ? 'default' : stage]]
}
