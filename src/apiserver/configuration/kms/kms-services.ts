import type { EncryptionRule } from '../encryption-config.ts'
import { type KmsConfig, type KmsParts, type KmsProvider, startKmsProvider } from './kms-provider.ts'

/** The key management services of an encryption configuration, which may change while they run. */
export interface KmsServices {
  /**
   * Those that the rules name, begun where they are not there yet; then the others end. At first a service may be away or ill; a change
   * to one that is rejects, and changes nothing.
   */
  for(rules: readonly EncryptionRule[]): Promise<ReadonlyMap<string, KmsProvider>>
  stop(): void
}

export function kmsServices(parts: KmsParts | undefined): KmsServices {
  let running: readonly Readonly<{ key: string; provider: KmsProvider }>[] = []
  let isChange = false
  return {
    async for(rules) {
      const begun: KmsProvider[] = []
      try {
        const next = []
        for (const config of configsOf(rules)) {
          const key = JSON.stringify(config)
          const known = running.find((one) => one.key === key)
          const provider = known?.provider ?? (await begin(parts, config))
          if (known === undefined) begun.push(provider)
          const ailment = isChange && known === undefined ? provider.problem() : undefined
          if (ailment !== undefined) throw new Error(ailment)
          next.push({ key, provider })
        }
        for (const { key, provider } of running) if (!next.some((one) => one.key === key)) provider.stop()
        running = next
        isChange = true
        return new Map(next.map(({ provider }) => [provider.name, provider]))
      } catch (error) {
        for (const provider of begun) provider.stop()
        throw error
      }
    },
    stop() {
      for (const { provider } of running) provider.stop()
      running = []
    },
  }
}

function configsOf(rules: readonly EncryptionRule[]): readonly KmsConfig[] {
  return rules
    .flatMap(({ providers }) => providers)
    .flatMap((one) =>
      one.type === 'kms' ? [{ name: one.name, socketPath: one.socketPath, timeoutMs: one.timeoutMs }] : [],
    )
}

function begin(parts: KmsParts | undefined, config: KmsConfig): Promise<KmsProvider> {
  if (parts === undefined) throw new Error('this host reaches no key management service')
  return startKmsProvider(parts, config)
}
