import { describe, expect, it } from 'vitest'
import { formatImageReference, parseImageReference } from './image-reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('an image reference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/a/b/c:t', 'localhost:5000/a/b/c:t'],
    ['[::1]:5000/a', '[::1]:5000/a:latest'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
    [`busybox:1@${digest}`, `docker.io/library/busybox:1@${digest}`],
    ['a__b/c-d--e.f', 'docker.io/a__b/c-d--e.f:latest'],
  ])('%s is %s', (text, full) => {
    const parsed = parseImageReference(text)
    expect(parsed.ok && formatImageReference(parsed.value)).toBe(full)
  })

  it.each([
    ['', 'invalid reference format'],
    ['-x', 'invalid reference format'],
    ['x:', 'invalid reference format'],
    ['x y', 'invalid reference format'],
    ['http://x/y', 'invalid reference format'],
    ['x:-tag', 'invalid reference format'],
    ['x@sha256:12', 'invalid reference format'],
    [`x@sha512:${'a'.repeat(128)}`, 'unsupported digest algorithm'],
    [`x@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
    ['Busybox', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
    ['foo/BAR:x', 'invalid reference format: repository name (foo/BAR) must be lowercase'],
    ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
    ['a'.repeat(300), 'repository name must not be more than 255 characters'],
  ])('%s is refused: %s', (text, error) => {
    expect(parseImageReference(text)).toEqual({ ok: false, error })
  })
})
