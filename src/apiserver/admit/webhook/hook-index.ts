import { assert } from '../../../api/assert.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../../api/kinds.ts'
import { type Selector, selectorFromObject } from '../../../api/label-selector.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Result } from '../../../api/result.ts'
import type { Store } from '../../../store/store.ts'
import { kindPrefix } from '../../resource.ts'

export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>

/** One webhook of one configuration. */
export type Hook = Readonly<{
  configuration: string
  /** Tells webhooks of one name apart, also within a configuration. */
  uid: string
  webhook: Webhook
  namespaceSelector: Result<Selector | undefined, string>
  objectSelector: Result<Selector | undefined, string>
}>

/** The webhooks that are configured now, by the name of their configuration and in its order. */
export interface HookIndex {
  hooks(): readonly Hook[]
  close(): void
}

export function mutatingHooks(store: Store): HookIndex {
  return hookIndex(store, kinds.mutatingWebhookConfigurations)
}

export function validatingHooks(store: Store): HookIndex {
  return hookIndex(store, kinds.validatingWebhookConfigurations)
}

function hookIndex(store: Store, kind: Kind): HookIndex {
  const prefix = kindPrefix(kind)
  let hooks: readonly Hook[] | undefined
  const watch = store.watch(prefix, store.revision(), () => {
    hooks = undefined
  })
  assert(watch.ok, 'the newest state can always be followed')
  return {
    hooks() {
      hooks ??= configured(store, prefix)
      return hooks
    },
    close: () => watch.value.cancel(),
  }
}

function configured(store: Store, prefix: string): readonly Hook[] {
  const now = store.range({ prefix })
  assert(now.ok, 'the newest state can always be read')
  return now.value.entries.flatMap(({ object }) => hooksOf(object))
}

function hooksOf({ metadata, webhooks }: ApiObject): readonly Hook[] {
  const configuration = metadata.name ?? ''
  const seen = new Map<string, number>()
  return ((webhooks ?? []) as readonly Webhook[]).map((webhook) => {
    const count = seen.get(webhook.name) ?? 0
    seen.set(webhook.name, count + 1)
    return {
      configuration,
      uid: `${configuration}/${webhook.name}/${count}`,
      webhook,
      namespaceSelector: selectorFromObject(webhook.namespaceSelector),
      objectSelector: selectorFromObject(webhook.objectSelector),
    }
  })
}
