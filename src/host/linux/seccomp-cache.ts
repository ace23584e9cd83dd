import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ContainerStart } from '../../ports/containers.ts'

type Config = ContainerStart['config']

/** Programs kept; a machine has two or three profiles. */
const mostPrograms = 16

/**
 * crun spends some 20 ms on compiling a seccomp profile, for each container anew. It leaves the compiled program in its state folder,
 * and takes one by an annotation (run.oci.seccomp_bpf_data): so each profile is compiled once.
 */
export interface SeccompCache {
  /** The configuration with the compiled program in it, once one is known. */
  apply(config: Config): Config
  /** Keeps what crun compiled for a container that it has just made. */
  learn(config: Config, stateFolder: string): Promise<void>
}

export const noSeccompCache: SeccompCache = { apply: (config) => config, learn: async () => {} }

export function seccompCache(): SeccompCache {
  const programs = new Map<string, string>()
  return {
    apply(config) {
      const key = keyOf(config)
      const program = key === undefined ? undefined : programs.get(key)
      if (program === undefined) return config
      return { ...config, annotations: { ...config.annotations, 'run.oci.seccomp_bpf_data': program } }
    },
    async learn(config, stateFolder) {
      const key = keyOf(config)
      if (key === undefined || programs.has(key) || programs.size >= mostPrograms) return
      const program = await readFile(`${stateFolder}/seccomp.bpf`).catch(() => undefined)
      // Each instruction has eight bytes; anything else is not what we take it for.
      if (program !== undefined && program.length > 0 && program.length % 8 === 0)
        programs.set(key, program.toString('base64'))
    },
  }
}

/** Profiles that hand calls to a listener are more than a program. */
function keyOf({ linux }: Config): string | undefined {
  const { seccomp } = linux
  if (typeof seccomp !== 'object' || seccomp === null || 'listenerPath' in seccomp) return undefined
  return createHash('sha256').update(JSON.stringify(seccomp)).digest('hex')
}
