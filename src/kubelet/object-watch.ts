import type { ConfigMap, Secret, Status } from '../api/kinds.generated.ts'
import { groupResource, type Kind, kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Informer } from '../client/informer.ts'
import { startInformer } from '../client/start-informer.ts'
import type { ObjectError, ObjectSource } from './env.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import { allContainers, type KubeletPod } from './pod-containers.ts'

/** The ConfigMaps and Secrets of this node's pods, each watched by itself, and only while a pod refers to it. */
export interface ObjectWatch extends ObjectSource {
  /** Watches what the pod refers to; replaces what it referred to before. */
  use(pod: KubeletPod): void
  release(uid: string): void
  stop(): void
}

type Deps = Pick<KubeletDeps, 'client' | 'clock' | 'random' | 'log'> & Readonly<{ changed: (uid: string) => void }>
type Watched = { users: Set<string>; get(): Stored<unknown> | undefined; synced(): boolean; stop(): void }

export function makeObjectWatch(deps: Deps): ObjectWatch {
  const watched = new Map<string, Watched>()

  const open = <T>(kind: Kind<T>, namespace: string, name: string): Watched => {
    const informer: Informer<T> = startInformer<T>({
      ...deps,
      kind,
      options: { namespace, fieldSelector: `metadata.name=${name}` },
    })
    const users = new Set<string>()
    informer.onChange(() => {
      for (const uid of users) deps.changed(uid)
    })
    return {
      users,
      get: () => informer.get(`${namespace}/${name}`),
      synced: informer.synced,
      stop: informer.stop,
    }
  }
  const drop = (uid: string, keep: ReadonlySet<string>): void => {
    for (const [key, entry] of watched) {
      if (keep.has(key) || !entry.users.delete(uid) || entry.users.size > 0) continue
      entry.stop()
      watched.delete(key)
    }
  }
  const find = async <T>(kind: Kind<T>, namespace: string, name: string): Promise<Result<Stored<T>, ObjectError>> => {
    const entry = watched.get(keyOf(kind, namespace, name))
    const known = entry?.get() as Stored<T> | undefined
    if (known !== undefined) return ok(known)
    // The copy may lag behind what the pod's author has just made: ask before saying that there is none.
    const answer = await deps.client.get(kind, name, namespace)
    return answer.ok ? answer : fail(errorOf(answer.error, kind, name))
  }
  return {
    configMap: (namespace, name) => find<ConfigMap>(kinds.configMaps, namespace, name),
    secret: (namespace, name) => find<Secret>(kinds.secrets, namespace, name),
    use(pod) {
      const keys = new Set<string>()
      for (const { kind, name } of referencesOf(pod)) {
        const namespace = pod.metadata.namespace ?? ''
        const key = keyOf(kind, namespace, name)
        keys.add(key)
        const entry = watched.get(key) ?? open<unknown>(kind, namespace, name)
        entry.users.add(pod.metadata.uid)
        watched.set(key, entry)
      }
      drop(pod.metadata.uid, keys)
    },
    release: (uid) => drop(uid, new Set()),
    stop() {
      for (const entry of watched.values()) entry.stop()
      watched.clear()
    },
  }
}

function keyOf(kind: Pick<Kind, 'group' | 'plural'>, namespace: string, name: string): string {
  return `${groupResource(kind)} ${namespace}/${name}`
}

function errorOf({ code, message }: Status, { kind }: Kind, name: string): ObjectError {
  if (code !== 404) return { notFound: false, message: message ?? `cannot get ${kind} ${name}` }
  return { notFound: true, message: `${kind.toLowerCase()} ${JSON.stringify(name)} not found` }
}

type Reference = Readonly<{ kind: Kind; name: string }>

/** Every ConfigMap and Secret that the pod names: volumes, environment, image pull secrets. */
export function referencesOf(pod: KubeletPod): readonly Reference[] {
  const configMaps: (string | undefined)[] = []
  const secrets: (string | undefined)[] = []
  for (const { name } of pod.spec.imagePullSecrets ?? []) secrets.push(name)
  for (const { env = [], envFrom = [] } of allContainers(pod)) {
    for (const { valueFrom } of env) {
      configMaps.push(valueFrom?.configMapKeyRef?.name)
      secrets.push(valueFrom?.secretKeyRef?.name)
    }
    for (const { configMapRef, secretRef } of envFrom) {
      configMaps.push(configMapRef?.name)
      secrets.push(secretRef?.name)
    }
  }
  for (const { configMap, secret, projected } of pod.spec.volumes ?? []) {
    configMaps.push(configMap?.name)
    secrets.push(secret?.secretName)
    for (const source of projected?.sources ?? []) {
      configMaps.push(source.configMap?.name)
      secrets.push(source.secret?.name)
    }
  }
  const named = (kind: Kind, names: readonly (string | undefined)[]): readonly Reference[] =>
    [...new Set(names)].flatMap((name) => (name === undefined || name === '' ? [] : [{ kind, name }]))
  return [...named(kinds.configMaps, configMaps), ...named(kinds.secrets, secrets)]
}
