import { fail, ok, type Result } from '../../api/result.ts'
import type { LinuxSecurity } from '../pod-runtime.ts'

export type ContainerUser = Readonly<{ uid: number; gid: number; additionalGids: readonly number[] }>

/** The image's own files; empty where it has none. */
export type UserFiles = Readonly<{ passwd: string; group: string }>

type PasswdEntry = Readonly<{ name: string; uid: number; gid: number }>
type GroupEntry = Readonly<{ name: string; gid: number; members: readonly string[] }>

/**
 * Whom a container runs as: what the pod says, or else the image's USER ('name', 'uid', either with ':group'). Groups that the image's
 * /etc/group gives the user are kept beside the pod's supplemental groups (Kubernetes: supplementalGroupsPolicy Merge).
 */
export function resolveUser(
  security: LinuxSecurity,
  imageUser: string,
  files: UserFiles,
): Result<ContainerUser, string> {
  const passwd = parsePasswd(files.passwd)
  const groups = parseGroup(files.group)
  const [userText = '', groupText] = userAndGroup(security, imageUser)
  const user = findUser(passwd, userText)
  if (user === undefined) return fail(`unable to find user ${userText}: no matching entries in passwd file`)
  const gid = groupText === undefined || groupText === '' ? user.gid : findGroup(groups, groupText)
  if (gid === undefined) return fail(`unable to find group ${groupText}: no matching entries in group file`)
  const own = security.onlyGivenGroups
    ? []
    : groups.filter(({ members }) => user.name !== '' && members.includes(user.name)).map((group) => group.gid)
  const additionalGids = [...new Set([gid, ...own, ...security.supplementalGroups])]
  return ok({ uid: user.uid, gid, additionalGids })
}

/** COPY --chown: 'user', 'uid', either with ':group'. An uid that goes alone is the gid, too (Dockerfile reference). */
export function resolveOwner(text: string, files: UserFiles): Result<Readonly<{ uid: number; gid: number }>, string> {
  const [userText = '', groupText] = text.split(':')
  const user = findUser(parsePasswd(files.passwd), userText === '' ? '0' : userText)
  if (user === undefined) return fail(`unable to find user ${userText}: no matching entries in passwd file`)
  if (groupText === undefined || groupText === '')
    return ok({ uid: user.uid, gid: /^\d+$/.test(userText) ? user.uid : user.gid })
  const gid = findGroup(parseGroup(files.group), groupText)
  if (gid === undefined) return fail(`unable to find group ${groupText}: no matching entries in group file`)
  return ok({ uid: user.uid, gid })
}

function userAndGroup(security: LinuxSecurity, imageUser: string): readonly (string | undefined)[] {
  const { runAsUser, runAsUserName, runAsGroup } = security
  const [imageName = '', imageGroup] = imageUser.split(':')
  const group = runAsGroup === undefined ? undefined : String(runAsGroup)
  if (runAsUser !== undefined) return [String(runAsUser), group]
  if (runAsUserName !== undefined && runAsUserName !== '') return [runAsUserName, group]
  return [imageName === '' ? '0' : imageName, group ?? imageGroup]
}

function findUser(passwd: readonly PasswdEntry[], text: string): PasswdEntry | undefined {
  const numeric = /^\d{1,10}$/.test(text) ? Number(text) : undefined
  const found = passwd.find(({ name, uid }) => name === text || uid === numeric)
  return found ?? (numeric === undefined ? undefined : { name: '', uid: numeric, gid: 0 })
}

function findGroup(groups: readonly GroupEntry[], text: string): number | undefined {
  const named = groups.find(({ name }) => name === text)?.gid
  return named ?? (/^\d{1,10}$/.test(text) ? Number(text) : undefined)
}

function parsePasswd(text: string): readonly PasswdEntry[] {
  return rows(text).flatMap(([name = '', , uid = '', gid = '']) =>
    /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [],
  )
}

function parseGroup(text: string): readonly GroupEntry[] {
  return rows(text).flatMap(([name = '', , gid = '', members = '']) =>
    /^\d+$/.test(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : [],
  )
}

function rows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(':'))
}
