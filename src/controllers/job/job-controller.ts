import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { controlledBy, controllerKeys, controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedJob, reconcileJob } from './job.ts'
import { isTracked } from './job-pods.ts'
import { type ObservedTrackedPod, reconcileJobTtl, reconcileTrackedPod } from './job-ttl.ts'

export function jobController({ informers, clock }: ControllerDeps): Controller<ObservedJob> {
  const jobs = informers.of(kinds.jobs)
  const pods = informers.of(kinds.pods)
  return {
    name: 'job-controller',
    concurrency: 5,
    sources: [
      source(kinds.jobs, (job) => [objectKey(job)]),
      source(kinds.pods, (pod) => {
        if (controllerOf(pod) !== undefined) return controllerKeys(pod, kinds.jobs)
        return jobs.indexed('namespace', pod.metadata.namespace ?? '').map(objectKey)
      }),
    ],
    observe(key) {
      const job = jobs.get(key)
      if (job === undefined) return undefined
      const { uid, namespace = '' } = job.metadata
      const owned = controlledBy(pods.indexed('owner', uid), uid)
      return { nowMs: clock.nowMs(), job, pods: [...owned, ...pods.indexed('orphan', namespace)] }
    },
    reconcile: reconcileJob,
  }
}

export function jobTtlController({
  informers,
  clock,
}: ControllerDeps): Controller<Parameters<typeof reconcileJobTtl>[0]> {
  const jobs = informers.of(kinds.jobs)
  return {
    name: 'ttl-after-finished-controller',
    concurrency: 5,
    sources: [source(kinds.jobs, (job) => (job.spec?.ttlSecondsAfterFinished === undefined ? [] : [objectKey(job)]))],
    observe(key) {
      const job = jobs.get(key)
      return job && { job, nowMs: clock.nowMs() }
    },
    reconcile: reconcileJobTtl,
  }
}

/** Frees the pods of jobs that are gone or have finished. */
export function trackedPodController({ informers }: ControllerDeps): Controller<ObservedTrackedPod> {
  const jobs = informers.of(kinds.jobs)
  const pods = informers.of(kinds.pods)
  return {
    name: 'job-controller',
    concurrency: 5,
    sources: [
      source(kinds.pods, (pod) => (isTracked(pod) ? [objectKey(pod)] : [])),
      source(kinds.jobs, ({ metadata: { uid } }) => pods.indexed('owner', uid).filter(isTracked).map(objectKey)),
    ],
    observe(key) {
      const pod = pods.get(key)
      if (pod === undefined || !isTracked(pod)) return undefined
      const owner = controllerOf(pod)
      const [jobKey] = controllerKeys(pod, kinds.jobs)
      const job = jobKey === undefined ? undefined : jobs.get(jobKey)
      return { pod, ...(job !== undefined && job.metadata.uid === owner?.uid ? { job } : {}) }
    },
    reconcile: reconcileTrackedPod,
  }
}
