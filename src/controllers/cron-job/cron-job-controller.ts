import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { controlledBy, controllerKeys } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { cronJobAfterFailure, type ObservedCronJob, reconcileCronJob } from './cron-job.ts'

export function cronJobController({ informers, clock }: ControllerDeps): Controller<ObservedCronJob> {
  const cronJobs = informers.of(kinds.cronJobs)
  const jobs = informers.of(kinds.jobs)
  return {
    name: 'cronjob-controller',
    concurrency: 5,
    sources: [
      source(kinds.cronJobs, (cronJob) => [objectKey(cronJob)]),
      source(kinds.jobs, (job) => controllerKeys(job, kinds.cronJobs)),
    ],
    observe(key) {
      const cronJob = cronJobs.get(key)
      if (cronJob?.spec === undefined) return undefined
      const { uid, namespace = '' } = cronJob.metadata
      return {
        nowMs: clock.nowMs(),
        cronJob: { ...cronJob, spec: cronJob.spec },
        jobs: controlledBy(jobs.indexed('owner', uid), uid),
        isTaken: (name) => jobs.get(`${namespace}/${name}`) !== undefined,
      }
    },
    reconcile: reconcileCronJob,
    afterFailure: cronJobAfterFailure,
  }
}
