import { fail, ok, type Result } from '../../api/result.ts'

/** '80', '53/udp', '8000-8002/tcp', '127.0.0.1:80:8080' → '8080/tcp'. As BuildKit's dispatchExpose. */
export function exposedPorts(words: readonly string[]): Result<readonly string[], string> {
  const ports: string[] = []
  for (const word of words) {
    const containerPart = word.slice(word.lastIndexOf(':') + 1)
    const [range = '', protocol = 'tcp', ...more] = containerPart.split('/')
    const lower = protocol === '' ? 'tcp' : protocol.toLowerCase()
    if (more.length > 0 || range === '') return fail(`invalid port: ${JSON.stringify(word)}: no port specified`)
    if (lower !== 'tcp' && lower !== 'udp' && lower !== 'sctp')
      return fail(`invalid port: ${JSON.stringify(word)}: invalid proto: ${protocol}`)
    const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? []
    const [first, last] = [Number(from), Number(to)]
    if (from === '' || first > last || last > 65_535) return fail(`invalid containerPort: ${range}`)
    for (let port = first; port <= last; port++) ports.push(`${port}/${lower}`)
  }
  return ok(ports)
}
