import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { dnsSubdomainErrors } from '../../api/validation/names.ts'
import { httpPath } from '../../api/validation/qualified-names.ts'
import { type Authorizer, masters, type Wish } from '../authorize/decision.ts'
import { forbiddenResource } from '../authorize/forbidden.ts'
import type { User } from '../call.ts'
import { accountGroups, accountOf, nodeNamed, nodeOfPod } from './account-name.ts'

export type Impersonated = Readonly<{
  user: User
  /** The verb that allowed it, for the audit log; absent for the plain 'impersonate'. */
  constraint?: string
}>

/** Undefined where the mode is not for such a user. `wish`: what the sender wants to do as somebody else. */
export type ImpersonationMode = (
  sender: User,
  wanted: User,
  wish: Wish,
) => Promise<Result<Impersonated, Refusal> | undefined>

const group = 'authentication.k8s.io'
const associatedKeys = 'authentication.kubernetes.io/associated-node-keys'
/** From so many on, one question about all of them is tried first. */
const manyChecks = 4

/**
 * KEP-5284: what one may do while acting as somebody else is limited, as well as whom one may act as. 'impersonate' alone, which allows
 * everything that the other may do, comes last.
 */
export function impersonationModes(authorizer: Authorizer): readonly ImpersonationMode[] {
  return [
    (sender, wanted, wish) =>
      isOnlyName(wanted) && isOwnNode(sender, wanted.name)
        ? constrained(anonymousNodes(authorizer), 'associated-node', withoutNode(sender), wanted, wish)
        : notMine,
    (sender, wanted, wish) =>
      isOnlyName(wanted) && nodeNamed(wanted.name) !== undefined
        ? constrained(authorizer, 'arbitrary-node', sender, wanted, wish)
        : notMine,
    (sender, wanted, wish) =>
      isOnlyName(wanted) && accountOf(wanted.name) !== undefined
        ? constrained(authorizer, 'serviceaccount', sender, wanted, wish)
        : notMine,
    (sender, wanted, wish) =>
      nodeNamed(wanted.name) === undefined && accountOf(wanted.name) === undefined
        ? constrained(authorizer, 'user-info', sender, wanted, wish)
        : notMine,
    (sender, wanted) => actAs({ authorizer, sender, verb: 'impersonate', isConstrained: false }, wanted),
  ]
}

const notMine = Promise.resolve(undefined)

function isOnlyName({ uid, groups, extra }: User): boolean {
  return uid === undefined && groups.length === 0 && extra === undefined
}

function isOwnNode(sender: User, wantedName: string): boolean {
  const node = nodeNamed(wantedName)
  return node !== undefined && accountOf(sender.name) !== undefined && nodeOfPod(sender) === node
}

/** An agent on every node needs one permission, not one for each node: the check of the node is made here already. */
function withoutNode(sender: User): User {
  return { ...sender, extra: { [associatedKeys]: Object.keys(sender.extra ?? {}).sort() } }
}

function anonymousNodes(authorizer: Authorizer): Authorizer {
  return {
    authorize: (user, wish) =>
      authorizer.authorize(user, wish.verb === 'impersonate:associated-node' ? { ...wish, name: '*' } : wish),
  }
}

type Check = Readonly<{ authorizer: Authorizer; sender: User; verb: string; isConstrained: boolean }>

async function constrained(
  authorizer: Authorizer,
  mode: string,
  sender: User,
  wanted: User,
  wish: Wish,
): Promise<Result<Impersonated, Refusal>> {
  const check: Check = { authorizer, sender, verb: `impersonate:${mode}`, isConstrained: true }
  const refused = await refusalOf(check, { ...wish, verb: `impersonate-on:${mode}:${wish.verb}` })
  return refused === undefined ? actAs(check, wanted) : fail(refused)
}

async function actAs(check: Check, wanted: User): Promise<Result<Impersonated, Refusal>> {
  const { name, uid, groups, extra } = wanted
  const refused =
    (await refusalOf(check, nameWish(check, name))) ??
    (uid === undefined ? undefined : await refusalOf(check, wishFor(check, group, 'uids', uid))) ??
    (await groupsRefusal(check, groups)) ??
    (extra === undefined ? undefined : await extraRefusal(check, extra))
  if (refused !== undefined) return fail(refused)
  const user = { ...wanted, groups: withImplied(name, fixedGroups(check, wanted)) }
  return ok({ user, ...(check.isConstrained ? { constraint: check.verb } : {}) })
}

/** Nodes and service accounts are in groups that nobody needs to say. */
function fixedGroups({ isConstrained }: Check, { name, groups }: User): readonly string[] {
  const account = accountOf(name)
  if (account !== undefined && groups.length === 0) return accountGroups(account.namespace)
  return isConstrained && nodeNamed(name) !== undefined ? ['system:nodes'] : groups
}

function withImplied(name: string, groups: readonly string[]): readonly string[] {
  const [authenticated, unauthenticated] = ['system:authenticated', 'system:unauthenticated']
  const implied = name === 'system:anonymous' ? unauthenticated : authenticated
  return groups.includes(implied) || groups.includes(unauthenticated) ? groups : [...groups, implied]
}

function nameWish(check: Check, name: string): Wish {
  const userGroup = check.isConstrained ? group : ''
  const account = accountOf(name)
  if (account !== undefined) {
    return { ...wishFor(check, userGroup, 'serviceaccounts', account.name), namespace: account.namespace }
  }
  const node = check.isConstrained ? nodeNamed(name) : undefined
  return node === undefined ? wishFor(check, userGroup, 'users', name) : wishFor(check, userGroup, 'nodes', node)
}

async function groupsRefusal(check: Check, groups: readonly string[]): Promise<Refusal | undefined> {
  if (groups.length === 0) return undefined
  const { sender, isConstrained } = check
  const wish = wishFor(check, isConstrained ? group : '', 'groups', '')
  if (isConstrained && groups.includes('')) {
    return forbiddenResource(sender, wish, 'impersonating the empty string group is not allowed')
  }
  if (isConstrained && groups.includes(masters)) {
    const named = { ...wish, name: masters }
    return forbiddenResource(sender, named, 'impersonating the system:masters group is not allowed')
  }
  const isMany = isConstrained && groups.length >= manyChecks
  if (isMany && (await refusalOf(check, { ...wish, name: '*' })) === undefined) return undefined
  return firstRefusal(
    check,
    groups.map((name) => ({ ...wish, name })),
  )
}

async function extraRefusal(
  check: Check,
  extra: Readonly<Record<string, readonly string[]>>,
): Promise<Refusal | undefined> {
  const wish = wishFor(check, group, 'userextras', '')
  const wrong = check.isConstrained ? extraFault(extra) : undefined
  if (wrong !== undefined) return forbiddenResource(check.sender, wish, wrong)
  const wishes = Object.entries(extra).flatMap(([key, values]) =>
    values.map((name) => ({ ...wish, subresource: key, name })),
  )
  const isMany = check.isConstrained && (Object.keys(extra).length >= manyChecks || wishes.length >= manyChecks)
  if (isMany && (await refusalOf(check, { ...wish, subresource: '*', name: '*' })) === undefined) return undefined
  return firstRefusal(check, wishes)
}

async function firstRefusal(check: Check, wishes: readonly Wish[]): Promise<Refusal | undefined> {
  for (const wish of wishes) {
    const refused = await refusalOf(check, wish)
    if (refused !== undefined) return refused
  }
  return undefined
}

function extraFault(extra: Readonly<Record<string, readonly string[]>>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed'
    const wrong = extraKeyFault(key)
    if (wrong !== undefined) {
      return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${wrong}`
    }
    if (key !== key.toLowerCase()) {
      return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`
    }
    if (values.length === 0) return 'impersonating empty values in extra is not allowed'
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  }
  return undefined
}

/** As apimachinery's IsDomainPrefixedPath. */
function extraKeyFault(key: string): string | undefined {
  const slash = key.indexOf('/')
  const [host, path] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)]
  if (slash <= 0 || path === '') return `${JSON.stringify(key)}: must be a domain-prefixed path (such as "acme.io/foo")`
  const [wrong] = dnsSubdomainErrors(host)
  if (wrong !== undefined) return `${JSON.stringify(host)}: ${wrong}`
  if (new RegExp(`^${httpPath}$`).test(path)) return undefined
  return `${JSON.stringify(path)}: Invalid path (regex used for validation is '${httpPath}')`
}

function wishFor({ verb }: Check, apiGroup: string, resource: string, name: string): Wish {
  return {
    isResource: true,
    verb,
    group: apiGroup,
    version: 'v1',
    resource,
    subresource: '',
    name,
    namespace: '',
    path: '',
  }
}

async function refusalOf({ authorizer, sender }: Check, wish: Wish): Promise<Refusal | undefined> {
  const { verdict, reason, error } = await authorizer.authorize(sender, wish)
  if (verdict === 'allow') return undefined
  const told = error === undefined ? reason : reason === '' ? error : `${error}: ${reason}`
  return forbiddenResource(sender, wish, told)
}
