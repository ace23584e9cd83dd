import { describe, expect, it } from 'vitest'
import { metricRegistry } from '../../client/metric-registry.ts'
import { apiServerChecks, type Health, health } from './health.ts'

function world(isStarted = true, problem?: string) {
  const metrics = metricRegistry()
  const made = health(
    apiServerChecks(
      () => isStarted,
      () => problem,
    ),
    metrics,
  )
  return { health: made, metrics }
}

function text(made: Health, target: string): string | undefined {
  const [path = '', query] = target.split('?')
  const answer = made.answer(path, new URLSearchParams(query))
  return answer?.type === 'whole'
    ? `${answer.status} ${new TextDecoder().decode(answer.body as Uint8Array)}`
    : undefined
}

describe('health', () => {
  it('is ok in one word, or a line for each check', () => {
    const { health } = world()
    expect(text(health, '/livez')).toBe('200 ok')
    const verbose = text(health, '/readyz?verbose') ?? ''
    expect(verbose.split('\n').slice(0, 5)).toEqual([
      '200 [+]ping ok',
      '[+]log ok',
      '[+]etcd ok',
      '[+]etcd-readiness ok',
      '[+]informer-sync ok',
    ])
    expect(verbose.endsWith('[+]shutdown ok\nreadyz check passed\n')).toBe(true)
  })

  it('tells what fails, withholding why, and by itself with the reason', () => {
    const { health } = world(true, 'the disk is gone')
    const failed = text(health, '/livez') ?? ''
    expect(failed.startsWith('500 [+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\n')).toBe(true)
    expect(failed.endsWith('livez check failed\n')).toBe(true)
    expect(text(health, '/livez/etcd')).toBe('500 internal server error: the disk is gone\n')
    expect(text(health, '/livez/ping')).toBe('200 ok')
  })

  it('leaves out what is excluded, and warns of exclusions that match nothing', () => {
    const { health } = world(true, 'the disk is gone')
    expect(text(health, '/livez?exclude=etcd')).toBe('200 ok')
    const verbose = text(health, '/livez?exclude=etcd&exclude=foo&verbose') ?? ''
    expect(verbose).toContain('[+]etcd excluded: ok\n')
    // Recorded from kube-apiserver 1.36.1.
    expect(
      verbose.endsWith('warn: some health checks cannot be excluded: no matches for "foo"\nlivez check passed\n'),
    ).toBe(true)
  })

  it('has no check of a name that is not there, or that is of another path', () => {
    const { health } = world()
    expect([text(health, '/livez/foo'), text(health, '/livez/shutdown'), text(health, '/other')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(text(health, '/readyz/shutdown')).toBe('200 ok')
  })

  it('is not ready before everything is there, and counts what it found', () => {
    const { health, metrics } = world(false)
    expect(text(health, '/readyz')?.startsWith('500 ')).toBe(true)
    expect(metrics.text()).toContain('kubernetes_healthcheck{name="informer-sync",type="readyz"} 0\n')
    expect(metrics.text()).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="readyz"} 1\n')
  })
})
