import type { ServiceAccount } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

/** As pkg/registry/core/serviceaccount: a secret is named, nothing else of the reference is kept. */
export const serviceAccountStrategy: Strategy = {
  deleteReturnsObject: true,
  prepareCreate: withNamesOnly,
  prepareUpdate: withNamesOnly,
}

function withNamesOnly(account: ApiObject): ApiObject {
  const { secrets } = account as ServiceAccount
  if (secrets === undefined) return account
  return { ...account, secrets: secrets.map(({ name }) => (name === undefined ? {} : { name })) } as ApiObject
}
