import { ok } from '../../api/result.ts'
import type { runtimeService } from '../../api/rpc/cri.generated.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import type { CriContext } from './cri-context.ts'

type Methods = (typeof runtimeService)['methods']

/** The version of the protocol by which kubelets and runtimes know each other since its beginning. */
const kubeletVersion = '0.1.0'

export function runtimeMethods({ engine, settings }: CriContext): RpcHandlers<Methods> {
  return {
    async Version() {
      return ok({
        version: kubeletVersion,
        runtimeName: engine.name,
        runtimeVersion: (await engine.status()).version,
        runtimeApiVersion: 'v1',
      })
    },
    async Status({ verbose }) {
      const { handlers, supplementalGroupsPolicy } = await engine.status()
      return ok({
        // Whoever is answered has a runtime, and its network stands before it listens.
        status: { conditions: ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true })) },
        runtimeHandlers: handlers.map(({ name, ...features }) => ({ name, features })),
        features: { supplementalGroupsPolicy },
        info: verbose ? { config: JSON.stringify(settings) } : {},
      })
    },
    async UpdateRuntimeConfig() {
      // Pods' addresses are chosen where the engine is started.
      return ok({})
    },
    async RuntimeConfig() {
      return ok({ linux: { cgroupDriver: 'CGROUPFS' } })
    },
  }
}
