import { fail, ok, type Result } from '../../api/result.ts'
import type { User } from '../call.ts'
import { type TokenAuthenticator, unknownToken } from './token-authenticator.ts'

/** Lines of token,user,uid,"group1,group2", as kube-apiserver's --token-auth-file has them. */
export function parseTokenFile(text: string): Result<TokenAuthenticator, string> {
  const users = new Map<string, User>()
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const columns = columnsOf(line.trim())
    const [token = '', name = '', uid = '', groups = ''] = columns
    if (columns.length < 3) {
      return fail(`line ${at + 1} must have at least 3 columns (token, user name, user uid), found ${columns.length}`)
    }
    if (token === '') return fail(`line ${at + 1} has an empty token`)
    const listed = groups.split(',').flatMap((group) => group.trim() || [])
    users.set(token, { name, uid, groups: [...listed, 'system:authenticated'] })
  }
  return ok({
    authenticate(token) {
      const user = users.get(token)
      return user === undefined ? unknownToken : { type: 'known', user }
    },
  })
}

/** Of one line of CSV: a quoted column may hold commas, and quotes twice. */
function columnsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? (plain ?? '').trim(),
  )
}
