import type { ContainerDevice, Mount } from '../../runtime/pod-runtime.ts'
import type { AllocateResponse } from './device-records.ts'

/** What plugins want a container to have besides what its spec says. */
export type ContainerAdditions = Readonly<{
  env: readonly Readonly<{ name: string; value: string }>[]
  mounts: readonly Mount[]
  devices: readonly ContainerDevice[]
  annotations: Readonly<Record<string, string>>
  /** Names as of the Container Device Interface: 'vendor.com/class=name'. */
  cdiDevices: readonly string[]
}>

/** What several resources want together. Of two that want the same thing differently the first gets its way, as in the original. */
export function additionsOf(responses: readonly AllocateResponse[], cdiDevices: readonly string[]): ContainerAdditions {
  const env = new Map<string, string>()
  const mounts = new Map<string, Mount>()
  const devices = new Map<string, ContainerDevice>()
  const annotations = new Map<string, string>()
  const setFirst = <T>(map: Map<string, T>, key: string, value: T): void => void (map.has(key) || map.set(key, value))
  for (const response of responses) {
    for (const [name, value] of Object.entries(response.envs)) setFirst(env, name, value)
    for (const { containerPath, hostPath, readOnly } of response.mounts)
      setFirst(mounts, containerPath, { containerPath, hostPath, readOnly, propagation: 'private' })
    for (const { containerPath, hostPath, permissions } of response.devices)
      setFirst(devices, containerPath, { containerPath, hostPath, permissions })
    for (const [name, value] of Object.entries(response.annotations)) setFirst(annotations, name, value)
  }
  const named = responses.flatMap((response) => response.cdiDevices.map(({ name }) => name))
  return {
    env: [...env].map(([name, value]) => ({ name, value })),
    mounts: [...mounts.values()],
    devices: [...devices.values()],
    annotations: Object.fromEntries(annotations),
    cdiDevices: [...new Set([...cdiDevices, ...named])],
  }
}
