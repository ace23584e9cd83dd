import { signal } from '../../api/rpc/cri.generated.ts'

type CriSignal = (typeof signal.names)[number]

const names: ReadonlySet<string> = new Set(signal.names)

/** 'SIGRTMIN+3' is 'SIGRTMINPLUS3' there; what it has no name for is left to the runtime. */
export function criSignal(name: string): CriSignal {
  const written = name.replace('+', 'PLUS').replace('-', 'MINUS')
  return names.has(written) ? (written as CriSignal) : 'RUNTIME_DEFAULT'
}
