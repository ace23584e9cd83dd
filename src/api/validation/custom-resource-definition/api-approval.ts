/** Groups that belong to Kubernetes: their definitions say where they were approved. apiextensions-apiserver/pkg/apihelpers. */

export const approvalAnnotation = 'api-approved.kubernetes.io'

export function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((own) => group === own || group.endsWith(`.${own}`))
}

export type Approval = Readonly<{ state: 'approved' | 'bypassed' | 'missing' | 'invalid'; reason: string }>

const where = 'see https://github.com/kubernetes/enhancements/pull/1111'

export function approvalOf(annotations: Readonly<Record<string, string>> | undefined): Approval {
  const annotation = annotations?.[approvalAnnotation] ?? ''
  const must = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)}`
  if (annotation === '') return { state: 'missing', reason: `${must}, ${where}` }
  if (annotation.startsWith('unapproved')) {
    return { state: 'bypassed', reason: `not approved: ${JSON.stringify(annotation)}` }
  }
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]+/.test(annotation)) {
    return { state: 'approved', reason: `approved in ${annotation}` }
  }
  return { state: 'invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${where}` }
}
