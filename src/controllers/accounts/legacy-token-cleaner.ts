import type { ConfigMap, Secret, ServiceAccount } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { dateOf, invalidSinceLabel, lastUsedLabel } from '../../api/legacy-token.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { type Action, remove, requeue, targetOf } from '../action.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { accountNameAnnotation, accountUidAnnotation, tokenSecretType } from './token-secret.ts'

export type ObservedLegacyToken = Readonly<{
  secret: Stored<Secret>
  serviceAccount?: Stored<ServiceAccount>
  /** A pod of the namespace mounts or reads the Secret. */
  isUsed: boolean
  /** Since when uses have been noted, as a date. */
  trackedSince: string | undefined
  nowMs: number
}>

const dayMs = 86_400_000
const unusedMs = 365 * dayMs

/**
 * A token that was made along with its service account, as they were of old, and that nobody has used for a year is marked invalid, and
 * goes after another year.
 */
export function reconcileLegacyToken(observed: ObservedLegacyToken): readonly Action[] {
  const { secret, serviceAccount, isUsed, trackedSince, nowMs } = observed
  const sinceMs = Date.parse(trackedSince ?? '')
  // The day itself may have been used up before uses were noted.
  if (Number.isNaN(sinceMs) || nowMs < sinceMs + dayMs + unusedMs || isUsed) return [requeue(dayMs)]
  const { metadata } = secret
  const { [lastUsedLabel]: lastUsed, [invalidSinceLabel]: invalidSince } = metadata.labels ?? {}
  const oldest = dateOf(nowMs - unusedMs)
  const isYoung = Date.parse(metadata.creationTimestamp) >= nowMs - unusedMs
  const isOdd = lastUsed !== undefined && !isDate(lastUsed)
  const isRecent = lastUsed !== undefined && lastUsed >= oldest
  const isGenerated = serviceAccount?.secrets?.some(({ name }) => name === metadata.name) === true
  if (metadata.deletionTimestamp !== undefined || isYoung || isOdd || isRecent || !isGenerated) return [requeue(dayMs)]
  if (!isDate(invalidSince)) {
    const body = { metadata: { uid: metadata.uid, labels: { [invalidSinceLabel]: dateOf(nowMs) } } }
    return [{ type: 'patch', target: targetOf(kinds.secrets, secret), patch: { type: 'merge', body } }, requeue(dayMs)]
  }
  if (invalidSince >= oldest) return [requeue(dayMs)]
  const { resourceVersion } = metadata
  return [remove(targetOf(kinds.secrets, secret), { preconditions: { resourceVersion } })]
}

function isDate(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

const tracking = 'kube-apiserver-legacy-service-account-token-tracking'

export function legacyTokenCleaner({ client, informers, clock }: ControllerDeps): Controller<ObservedLegacyToken> {
  const secrets = informers.of(kinds.secrets)
  const serviceAccounts = informers.of(kinds.serviceAccounts)
  const pods = informers.of(kinds.pods)
  return {
    name: 'legacy-service-account-token-cleaner',
    concurrency: 1,
    sources: [source(kinds.secrets, (secret) => (secret.type === tokenSecretType ? [objectKey(secret)] : []))],
    async observe(key) {
      const secret = secrets.get(key)
      if (secret === undefined || secret.type !== tokenSecretType) return undefined
      const { namespace = '', name, annotations = {} } = secret.metadata
      const account = serviceAccounts.get(`${namespace}/${annotations[accountNameAnnotation] ?? ''}`)
      const uid = annotations[accountUidAnnotation] ?? ''
      const isOwn = uid === '' || uid === account?.metadata.uid
      const noted = await client.get<ConfigMap>(kinds.configMaps, tracking, 'kube-system')
      // What a pod refers to by name is in its JSON: a name too many only keeps a Secret that could go.
      const quoted = JSON.stringify(name)
      return {
        secret,
        ...(account !== undefined && isOwn ? { serviceAccount: account } : {}),
        isUsed: pods.indexed('namespace', namespace).some(({ spec }) => JSON.stringify(spec).includes(quoted)),
        trackedSince: noted.ok ? noted.value.data?.since : undefined,
        nowMs: clock.nowMs(),
      }
    },
    reconcile: reconcileLegacyToken,
  }
}
