import type { Container, Job, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Draft } from '../../client/client.ts'
import { controllerRef } from '../owner.ts'
import { failureCountAnnotation } from './job-failed-indexes.ts'
import { indexAnnotation, trackingFinalizer } from './job-pods.ts'

/** Longest prefix that five random letters may follow in a name. */
const longestPrefixLength = 58
const indexVariable = 'JOB_COMPLETION_INDEX'

/** The next pod of a job; of an Indexed Job with its index as annotation, label, environment and host name. */
export function podOfJob(job: Stored<Job>, index?: number, failureCount?: number): Draft<Pod> {
  const { metadata = {}, spec } = job.spec?.template ?? {}
  const finalizers = [...(metadata.finalizers ?? []).filter((each) => each !== trackingFinalizer), trackingFinalizer]
  const { labels, annotations } = metadata
  const mark = index === undefined ? {} : { [indexAnnotation]: String(index) }
  const failures = failureCount === undefined ? {} : { [failureCountAnnotation]: String(failureCount) }
  return {
    metadata: {
      generateName: index === undefined ? `${job.metadata.name}-` : indexedPrefix(job.metadata.name, index),
      namespace: job.metadata.namespace ?? '',
      labels: { ...labels, ...mark },
      ...(annotations === undefined && index === undefined
        ? {}
        : { annotations: { ...annotations, ...mark, ...failures } }),
      finalizers,
      ownerReferences: [controllerRef(kinds.jobs, job)],
    },
    ...(spec === undefined ? {} : { spec: index === undefined ? spec : indexedSpec(job.metadata.name, spec, index) }),
  }
}

function indexedPrefix(name: string, index: number): string {
  const suffix = `-${index}-`
  return name.slice(0, longestPrefixLength - suffix.length) + suffix
}

function indexedSpec(name: string, spec: NonNullable<Pod['spec']>, index: number): NonNullable<Pod['spec']> {
  const { initContainers, containers } = spec
  return {
    ...spec,
    hostname: `${name}-${index}`,
    containers: containers.map(withIndex),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
  }
}

function withIndex(container: Container): Container {
  const env = container.env ?? []
  if (env.some(({ name }) => name === indexVariable)) return container
  const fieldRef = { fieldPath: `metadata.labels['${indexAnnotation}']` }
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef } }] }
}
