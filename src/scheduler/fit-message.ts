import type { Rejection } from './filters.ts'

/**
 * '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: …', as kube-scheduler's FitError says it:
 * counts in front, in the order of the resulting texts.
 */
export function fitMessage(
  nodeCount: number,
  rejections: Iterable<Pick<Rejection, 'reasons'>>,
  absent: Readonly<{ count: number; reason: string }> | undefined,
  after: string,
): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  const add = (reason: string, count: number): void => void counts.set(reason, (counts.get(reason) ?? 0) + count)
  for (const { reasons } of rejections) for (const reason of reasons) add(reason, 1)
  if (absent !== undefined && absent.count > 0) add(absent.reason, absent.count)
  const list = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  const reasons = list.length === 0 ? '' : ` ${list.join(', ')}.`
  return `0/${nodeCount} nodes are available:${reasons}${after === '' ? '' : ` ${after}`}`
}

/** The same where the pod itself is amiss, whatever node is looked at (FitError's PreFilterMsg). */
export function nowhereMessage(nodeCount: number, why: string, after: string): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods'
  return `0/${nodeCount} nodes are available: ${why}.${after === '' ? '' : ` ${after}`}`
}
