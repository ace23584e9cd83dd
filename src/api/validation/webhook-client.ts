import { child, type Errors, invalid, required } from './field-error.ts'
import { dnsSubdomainErrors, portNumberErrors } from './names.ts'

const form = '; desired format: https://host[/path]'

/** Where a webhook is called by its URL, in the words of apiserver's util/webhook. */
export function validateWebhookUrl(field: string, url: string): Errors {
  const parts = /^(?:([a-z][-+.a-z0-9]*):)?(?:\/\/(?:([^/?#]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(
    url,
  )
  const [, scheme = '', user, host = '', , query = '', fragment = ''] = parts ?? []
  if (/\p{Cc}/u.test(url)) {
    const shown = JSON.stringify(url).replace(/\\u00/g, '\\x')
    const why = `parse ${shown}: net/url: invalid control character in URL`
    return [required(field, `url must be a valid URL: ${why}${form}`)]
  }
  return [
    ...(scheme.toLowerCase() === 'https'
      ? []
      : [invalid(field, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [invalid(field, host, `host must be specified${form}`)] : []),
    ...(user === undefined ? [] : [invalid(field, user, 'user information is not permitted in the URL')]),
    ...(fragment === '' ? [] : [invalid(field, fragment, 'fragments are not permitted in the URL')]),
    ...(query === '' ? [] : [invalid(field, query, 'query parameters are not permitted in the URL')]),
  ]
}

type Service = Readonly<{ name?: string; namespace?: string; path?: string; port?: number }>

export function validateWebhookService(
  field: string,
  { name = '', namespace = '', path, port = 443 }: Service,
): Errors {
  const portErrors = portNumberErrors(port)
  return [
    // The original takes the one for the other.
    ...(namespace === '' ? [required(child(field, 'name'))] : []),
    ...(name === '' ? [required(child(field, 'namespace'))] : []),
    ...(portErrors.length === 0
      ? []
      : [invalid(child(field, 'port'), port, `port is not valid: ${portErrors.join(', ')}`)]),
    ...validatePath(child(field, 'path'), path ?? ''),
  ]
}

function validatePath(field: string, path: string): Errors {
  if (path === '' || path === '/') return []
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')]
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  return [
    ...(path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")]),
    ...steps.flatMap((step, at) => {
      if (step === '') return [invalid(field, path, `segment[${at}] may not be empty`)]
      return dnsSubdomainErrors(step).map((error) => invalid(field, path, `segment[${at}]: ${error}`))
    }),
  ]
}
