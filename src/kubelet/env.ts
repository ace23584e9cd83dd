import { decodeBase64 } from '../api/base64.ts'
import type { ConfigMap, Container, EnvVar, Secret } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { fieldValue, type PodFacts, resourceValue } from './downward-field.ts'
import type { FileKeyRef } from './env-file.ts'
import { expand } from './expansion.ts'
import type { KubeletPod } from './pod-containers.ts'

/** ConfigMaps and Secrets of the pod's namespace. An error is the API server's message: 'configmap "x" not found'. */
export interface ObjectSource {
  configMap(namespace: string, name: string): Promise<Result<Stored<ConfigMap>, ObjectError>>
  secret(namespace: string, name: string): Promise<Result<Stored<Secret>, ObjectError>>
}
export type ObjectError = Readonly<{ notFound: boolean; message: string }>

export type EnvInput = Readonly<{
  pod: KubeletPod
  container: Container
  facts: PodFacts
  objects: ObjectSource
  /** Of the files in the pod's volumes. */
  files: (ref: FileKeyRef) => Promise<Result<string | undefined, string>>
  /** serviceEnv of the pod's namespace. */
  services: ReadonlyMap<string, string>
}>

export type Variable = Readonly<{ name: string; value: string }>

/**
 * A container's environment: envFrom in order, then env, which may refer to what stands before it and to the services; then the services.
 * A name that is set twice has its last value. Errors are worded as the original's.
 */
export async function containerEnv(input: EnvInput): Promise<Result<readonly Variable[], string>> {
  const variables = new Map<string, string>()
  const from = await addFrom(input, variables)
  if (!from.ok) return from
  for (const variable of input.container.env ?? []) {
    const value = await valueOfVariable(input, variable, variables)
    if (!value.ok) return value
    if (value.value !== undefined) variables.set(variable.name, value.value)
  }
  for (const [name, value] of input.services) if (!variables.has(name)) variables.set(name, value)
  return ok([...variables].map(([name, value]) => ({ name, value })))
}

async function addFrom(
  { pod, container, objects }: EnvInput,
  variables: Map<string, string>,
): Promise<Result<void, string>> {
  const namespace = pod.metadata.namespace ?? ''
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const optional = (configMapRef ?? secretRef)?.optional ?? false
    const found =
      configMapRef !== undefined
        ? await objects.configMap(namespace, configMapRef.name ?? '')
        : await objects.secret(namespace, secretRef?.name ?? '')
    if (!found.ok) {
      if (found.error.notFound && optional) continue
      return fail(found.error.message)
    }
    const data = found.value.data ?? {}
    for (const [key, value] of Object.entries(data))
      variables.set(prefix + key, configMapRef === undefined ? decodeText(value) : value)
  }
  return ok(undefined)
}

function decodeText(base64: string): string {
  return new TextDecoder().decode(decodeBase64(base64))
}

/** Undefined: an optional source that is not there sets nothing. */
async function valueOfVariable(
  input: EnvInput,
  { value = '', valueFrom }: EnvVar,
  variables: ReadonlyMap<string, string>,
): Promise<Result<string | undefined, string>> {
  const { pod, container, facts } = input
  if (value !== '') return ok(expand(value, (name) => variables.get(name) ?? input.services.get(name)))
  if (valueFrom?.fieldRef !== undefined) return fieldValue(pod, valueFrom.fieldRef, facts)
  if (valueFrom?.resourceFieldRef !== undefined) return resourceValue(pod, container, valueFrom.resourceFieldRef, facts)
  if (valueFrom?.fileKeyRef !== undefined) return input.files(valueFrom.fileKeyRef)
  if (valueFrom?.configMapKeyRef !== undefined || valueFrom?.secretKeyRef !== undefined)
    return keyValue(input, valueFrom)
  return ok('')
}

async function keyValue(
  { pod, objects }: EnvInput,
  { configMapKeyRef, secretKeyRef }: NonNullable<EnvVar['valueFrom']>,
): Promise<Result<string | undefined, string>> {
  const namespace = pod.metadata.namespace ?? ''
  const { key = '', name = '', optional = false } = configMapKeyRef ?? secretKeyRef ?? {}
  const isSecret = configMapKeyRef === undefined
  const found = isSecret ? await objects.secret(namespace, name) : await objects.configMap(namespace, name)
  if (!found.ok) return found.error.notFound && optional ? ok(undefined) : fail(found.error.message)
  const value = found.value.data?.[key]
  if (value !== undefined) return ok(isSecret ? decodeText(value) : value)
  if (optional) return ok(undefined)
  return fail(`couldn't find key ${key} in ${isSecret ? 'Secret' : 'ConfigMap'} ${namespace}/${name}`)
}
