import { expect, it } from 'vitest'
import { validateSeccompAnnotations } from './seccomp-annotations.ts'

const key = 'container.seccomp.security.alpha.kubernetes.io/c'

/** Asked of kube-apiserver 1.36.1. */
it.each([
  ['unconfined', []],
  ['localhost/a/b', []],
  ['x', [`Invalid value: "x": must be a valid seccomp profile`]],
  ['localhost//a', [`Invalid value: "/a": must be a relative path`]],
  ['localhost/../b', [`Invalid value: "../b": must not contain '..'`]],
])('judges the profile %s', (profile, messages) => {
  const errors = validateSeccompAnnotations('annotations', { [key]: profile, other: 'x' })
  expect(errors.map(({ message }) => message)).toEqual(messages)
  expect(errors.every(({ field }) => field === `annotations.${key}`)).toBe(true)
})
