import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ObjectMeta, PodSpec } from '../kinds.generated.ts'
import { formatLevel, type LevelVersion, policyOf } from './policy.ts'
import { detailsOf, violations } from './standard.ts'

/** What kube-apiserver 1.36.1 said to each pod, by level and version. */
type Case = Readonly<{
  title: string
  metadata?: ObjectMeta
  spec: PodSpec
  violations: Readonly<Record<string, string>>
}>

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('./recorded.json', import.meta.url), 'utf8'))

function levelOf(text: string): LevelVersion {
  const [enforce = '', version = ''] = text.split(':')
  const labels = { enforce, 'enforce-version': version }
  const prefixed = Object.entries(labels).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value])
  return policyOf(Object.fromEntries(prefixed)).policy.enforce
}

describe('the Pod Security Standards', () => {
  for (const { title, metadata = {}, spec, violations: expected } of cases) {
    it(`judge ${title}`, () => {
      const levels = Object.keys(expected)
      expect(levels.length).toBe(16)
      const found = levels.map((level) => [level, detailsOf(violations(levelOf(level), { metadata, spec }))])
      expect(Object.fromEntries(found)).toEqual(expected)
    })
  }
  it('forbid nothing to the privileged', () => {
    expect(
      cases.flatMap((each) => violations(levelOf('privileged:latest'), { metadata: {}, spec: each.spec })),
    ).toEqual([])
  })
})

const label = (name: string): string => `pod-security.kubernetes.io/${name}`

describe('the policy of a namespace', () => {
  const shown = (labels: Readonly<Record<string, string>>): readonly string[] => {
    const prefixed = Object.fromEntries(Object.entries(labels).map(([name, value]) => [label(name), value]))
    const { policy, errors } = policyOf(prefixed)
    return [...[policy.enforce, policy.audit, policy.warn].map(formatLevel), ...errors.map(({ message }) => message)]
  }
  it('warns of what it enforces, unless it says otherwise', () => {
    const latest = 'privileged:latest'
    expect(shown({})).toEqual([latest, latest, latest])
    expect(shown({ enforce: 'baseline', 'enforce-version': 'v1.24' })).toEqual([
      'baseline:v1.24',
      latest,
      'baseline:v1.24',
    ])
    expect(shown({ enforce: 'restricted', 'warn-version': 'v1.9' })).toEqual([
      'restricted:latest',
      latest,
      'restricted:v1.9',
    ])
    expect(shown({ enforce: 'restricted', warn: 'privileged' })).toEqual(['restricted:latest', latest, latest])
  })
  it('enforces the strictest where it cannot be read, and says what is wrong', () => {
    const invalid = (value: string, must: string): string => `Invalid value: ${JSON.stringify(value)}: ${must}`
    const levels = 'must be one of privileged, baseline, restricted'
    expect(shown({ enforce: 'x', 'audit-version': '1.2', warn: 'y' })).toEqual([
      'restricted:latest',
      'privileged:latest',
      'privileged:latest',
      invalid('x', levels),
      invalid('1.2', 'must be "latest" or "v1.x"'),
      invalid('y', levels),
    ])
  })
})
