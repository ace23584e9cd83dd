import { readFileSync } from 'node:fs'
import path from 'node:path'
import { defaultConfiguration, type KubeletConfiguration } from '../kubelet/configuration/kubelet-configuration.ts'
import { parseKubeletConfiguration } from '../kubelet/configuration/parse-configuration.ts'

/** The configuration in the file, or the defaults where there is none. Paths in it start from its folder. Throws with what is wrong. */
export function readKubeletConfiguration(file: string): KubeletConfiguration {
  if (file === '') return defaultConfiguration
  const parsed = parseKubeletConfiguration(readText(file))
  if (!parsed.ok) throw new Error(`failed to load Kubelet config file ${file}, error ${parsed.error}`)
  const { staticPodPath } = parsed.value
  if (staticPodPath === '') return parsed.value
  return { ...parsed.value, staticPodPath: path.resolve(path.dirname(file), staticPodPath) }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`failed to load Kubelet config file ${file}, error ${(error as Error).message}`)
  }
}
