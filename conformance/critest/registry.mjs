// A registry that only gives: the images of a folder of OCI layouts, by whatever registry's name they are asked for.
//   node registry.mjs FOLDER        prints the address it listens on, and serves until it is ended
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'

const [folder] = process.argv.slice(2)
const layouts = readdirSync(folder).map((name) => path.join(folder, name))

/** 'repository:tag' and digests → descriptors of manifests; a repository's name is without its registry. */
const manifests = new Map()
for (const layout of layouts) {
  for (const manifest of JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests) {
    const [, name] = /^[^/]+\/(.+)$/.exec(manifest.annotations['io.containerd.image.name']) ?? []
    manifests.set(name, manifest)
    manifests.set(`${name.replace(/:[^:]+$/, '')}@${manifest.digest}`, manifest)
  }
}

function blobPath(digest) {
  return layouts.map((layout) => path.join(layout, 'blobs', ...digest.split(':'))).find((file) => existsSync(file))
}

const server = createServer((request, response) => {
  const [, repository, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? []
  const named = reference?.includes(':') ? `${repository}@${reference}` : `${repository}:${reference}`
  const manifest = kind === 'manifests' ? manifests.get(named) : undefined
  const file = kind === 'blobs' ? blobPath(reference) : manifest && blobPath(manifest.digest)
  if (file === undefined) {
    response.writeHead(request.url === '/v2/' ? 200 : 404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
    return
  }
  response.writeHead(200, { 'content-type': manifest?.mediaType ?? 'application/octet-stream' })
  if (request.method === 'HEAD') response.end()
  else createReadStream(file).pipe(response)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
