/** The syntax of label keys and values, with the wording of k8s.io/apimachinery/pkg/api/validate/content. */

const none: readonly string[] = []
const name = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** What is wrong with a label key ('app' or 'example.com/app'); empty when nothing is. */
export function labelKeyErrors(key: string): readonly string[] {
  if (key.length <= 63 && name.test(key)) return none
  const parts = key.split('/')
  if (parts.length > 2) {
    return [`a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const own = parts[parts.length - 1] ?? ''
  return [...(parts.length === 2 ? prefixErrors(parts[0] ?? '') : []), ...nameErrors(own)]
}

function prefixErrors(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  const errors = prefix.length > 253 ? ['prefix part must be no more than 253 bytes'] : []
  return subdomain.test(prefix) ? errors : [...errors, `prefix part ${subdomainRule}`]
}

function nameErrors(own: string): readonly string[] {
  const errors = own === '' ? ['name part must be non-empty'] : []
  if (own.length > 63) errors.push('name part must be no more than 63 bytes')
  if (!name.test(own)) errors.push(`name part ${nameRule}`)
  return errors
}

/** What is wrong with a label value; empty when nothing is. */
export function labelValueErrors(value: string): readonly string[] {
  if (value.length <= 63 && name.test(value)) return none
  const errors = value.length > 63 ? ['must be no more than 63 bytes'] : []
  return value === '' || name.test(value) ? errors : [...errors, valueRule]
}
