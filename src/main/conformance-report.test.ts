import { describe, expect, it } from 'vitest'
import { readReport, reportText } from './conformance-report.ts'

const spec = (name: string, State: string, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  ContainerHierarchyTexts: ['[sig-node] Pods'],
  ContainerHierarchyLabels: [['sig-node'], null],
  LeafNodeText: name,
  LeafNodeType: 'It',
  State,
  RunTime: 1_500_000_000,
  ...more,
})

const report = JSON.stringify([
  {
    SpecReports: [
      spec('runs', 'passed'),
      spec('ends', 'failed', { Failure: { Message: 'timed out\nafter 5 minutes' } }),
      spec('hangs', 'timedout', { Failure: { Message: 'x'.repeat(500) } }),
      spec('wants two nodes', 'skipped', { Failure: { Message: 'needs 2 nodes' } }),
      spec('was not asked for', 'skipped', { RunTime: 0 }),
      spec('is for later', 'pending', { RunTime: 0 }),
      spec('', 'passed', { LeafNodeType: 'SynchronizedBeforeSuite', ContainerHierarchyTexts: null }),
      spec('', 'failed', {
        LeafNodeType: 'SynchronizedAfterSuite',
        ContainerHierarchyTexts: null,
        ContainerHierarchyLabels: null,
        Failure: { Message: 'no API server' },
      }),
    ],
  },
])

describe("the suite's report", () => {
  it('holds what ran, what skipped itself and what broke around the specs', () => {
    expect(readReport(report).map(({ sig, name, outcome, seconds }) => [sig, name, outcome, seconds])).toEqual([
      ['sig-node', '[sig-node] Pods runs', 'passed', 1.5],
      ['sig-node', '[sig-node] Pods ends', 'failed', 1.5],
      ['sig-node', '[sig-node] Pods hangs', 'failed', 1.5],
      ['sig-node', '[sig-node] Pods wants two nodes', 'skipped', 1.5],
      ['suite', 'SynchronizedAfterSuite', 'failed', 1.5],
    ])
  })

  it('is told as a table per sig, and what failed', () => {
    expect(reportText(readReport(report)).split('\n')).toEqual([
      '          passed  failed  skipped  seconds',
      'sig-node       1       2        1        6',
      'suite          0       1        0        2',
      'all            1       3        1        8',
      '',
      'Failed:',
      '  SynchronizedAfterSuite',
      '      no API server',
      '  [sig-node] Pods ends',
      '      timed out',
      '  [sig-node] Pods hangs',
      `      ${'x'.repeat(160)} ...`,
      '',
    ])
  })

  it.each(['', '{}', '<html>'])('that is none, %j, is refused', (text) => {
    expect(() => readReport(text)).toThrow()
  })
})
