import https from 'node:https'

export type Endpoint = Readonly<{ url: string; caPem: string; certificatePem: string; keyPem: string }>

export type Asked = Readonly<{
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: string | undefined
  withCertificate: boolean
  /** Hang up after so many lines. */
  lines?: number
}>

export type Answered = Readonly<{
  status: number
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}>

export type Exchange = (asked: Asked) => Promise<Answered>

const agents: https.Agent[] = []

/** Connections that are kept for a next request would hold the process. */
export function closeConnections(): void {
  for (const agent of agents.splice(0)) agent.destroy()
}

const patienceMs = 8_000

/** Requests to one API server over kept connections, HTTP/1.1. */
export function exchangeWith({ url, caPem, certificatePem, keyPem }: Endpoint): Exchange {
  const shared = { keepAlive: true, ca: caPem, maxSockets: 8 }
  const known = new https.Agent({ ...shared, cert: certificatePem, key: keyPem })
  const unknown = new https.Agent(shared)
  agents.push(known, unknown)
  const { hostname, port } = new URL(url)
  return ({ method, path, headers, body, withCertificate, lines }) =>
    new Promise((resolve, reject) => {
      const agent = withCertificate ? known : unknown
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const request = https.request(
        { hostname, port, method, path, agent, headers: { ...headers, ...length }, setHost: true },
        (response) => {
          const chunks: Buffer[] = []
          let seen = 0
          const finish = (): void => {
            clearTimeout(timer)
            resolve({
              status: response.statusCode ?? 0,
              headers: plainHeaders(response.headers),
              body: Buffer.concat(chunks),
            })
          }
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            seen += chunk.filter((byte) => byte === 10).length
            if (lines === undefined || seen < lines) return
            finish()
            request.destroy()
          })
          response.on('end', finish)
          // A stream that is cut off is an answer as well: what came until then.
          response.on('error', finish)
        },
      )
      const timer = setTimeout(() => request.destroy(new Error(`no whole answer to ${method} ${path}`)), patienceMs)
      request.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      request.end(body)
    })
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}
