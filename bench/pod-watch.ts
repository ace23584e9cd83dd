import { type Connection, connect, type Target } from './connection.ts'

type Pod = Readonly<{
  metadata: Readonly<{ name: string }>
  status: Readonly<{ phase?: string; conditions?: readonly Readonly<{ type: string; status: string }>[] }>
}>
type Event = Readonly<{ type: string; object: Pod }>

/** What the pods of the namespace 'default' have come to, each moment as it is told. */
export interface PodWatch {
  running(name: string): Promise<void>
  ready(name: string): Promise<void>
  gone(name: string): Promise<void>
  close(): void
}

export async function watchPods(target: Target): Promise<PodWatch> {
  const connection: Connection = await connect(target)
  const pods = new Map<string, Pod>()
  const waiting = new Set<() => void>()
  let line = ''
  connection.stream('/api/v1/namespaces/default/pods?watch=1', (chunk) => {
    const lines = (line + chunk.toString()).split('\n')
    line = lines.pop() ?? ''
    for (const text of lines) {
      const { type, object } = JSON.parse(text) as Event
      if (type === 'DELETED') pods.delete(object.metadata.name)
      else pods.set(object.metadata.name, object)
    }
    for (const look of waiting) look()
  })
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return {
    running: (name) => until(() => pods.get(name)?.status.phase === 'Running'),
    ready: (name) =>
      until(
        () =>
          pods.get(name)?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
      ),
    gone: (name) => until(() => !pods.has(name)),
    close: connection.close,
  }
}
