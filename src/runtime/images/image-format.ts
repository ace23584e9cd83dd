/** Names that the OCI image specification and docker's distribution give. */

export const imageIndexTypes: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

/** Where an OCI image layout keeps a blob. */
export function layoutBlobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
