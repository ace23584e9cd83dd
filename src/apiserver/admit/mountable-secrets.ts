import type { Container, Pod, ServiceAccount } from '../../api/kinds.generated.ts'

const annotation = 'kubernetes.io/enforce-mountable-secrets'
const yes = ['1', 't', 'T', 'TRUE', 'true', 'True']

/** Whether pods of the account may only use the secrets that it names. */
export function namesItsSecrets({ metadata }: ServiceAccount): boolean {
  return yes.includes(metadata?.annotations?.[annotation] ?? '')
}

type Referring = Pick<Container, 'name' | 'env' | 'envFrom'>

/** Which secret of a new pod its account does not name, in the original's words. */
export function foreignSecret({ spec }: Pod, account: ServiceAccount): string | undefined {
  const names = new Set((account.secrets ?? []).map(({ name }) => name))
  const who = `service account ${account.metadata?.name}`
  for (const { secret } of spec?.volumes ?? []) {
    const name = secret?.secretName
    if (secret === undefined || names.has(name)) continue
    return `volume with secret.secretName="${name}" is not allowed because ${who} does not reference that secret`
  }
  const init = foreignOfContainers('init container', spec?.initContainers ?? [], account)
  const fault = init ?? foreignOfContainers('container', spec?.containers ?? [], account)
  return fault ?? foreignPullSecret(spec?.imagePullSecrets ?? [], account)
}

export function foreignOfContainers(
  what: string,
  containers: readonly Referring[],
  { metadata, secrets = [] }: ServiceAccount,
): string | undefined {
  const isForeign = (name: string | undefined): boolean => !secrets.some((secret) => secret.name === name)
  const told = (whose: string, name: string | undefined): string =>
    `${whose} referencing secret.secretName="${name}" is not allowed because service account ${metadata?.name} does not reference that secret`
  for (const { name, env = [], envFrom = [] } of containers) {
    const variable = env.find(({ valueFrom }) => valueFrom?.secretKeyRef && isForeign(valueFrom.secretKeyRef.name))
    if (variable !== undefined) {
      return told(`${what} ${name} with envVar ${variable.name}`, variable.valueFrom?.secretKeyRef?.name)
    }
    const source = envFrom.find(({ secretRef }) => secretRef && isForeign(secretRef.name))
    if (source !== undefined) return told(`${what} ${name} with envFrom`, source.secretRef?.name)
  }
  return undefined
}

function foreignPullSecret(
  used: readonly Readonly<{ name?: string }>[],
  { metadata, imagePullSecrets = [] }: ServiceAccount,
): string | undefined {
  const at = used.findIndex(({ name }) => !imagePullSecrets.some((secret) => secret.name === name))
  if (at < 0) return undefined
  const why = `is not allowed because service account ${metadata?.name} does not reference that imagePullSecret`
  return `imagePullSecrets[${at}].name="${used[at]?.name}" ${why}`
}
