const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: 34,
  RTMAX: 64,
}

/** 'SIGQUIT', 'quit', '3', 'SIGRTMIN+3' → the number; SIGTERM for what is empty or unknown. */
export function stopSignalNumber(text: string): number {
  return numberOf(text) ?? 15
}

export function isStopSignal(text: string): boolean {
  return numberOf(text) !== undefined
}

function numberOf(text: string): number | undefined {
  const [, name = '', offset = 0] = /^(?:SIG)?([A-Z]+\d?)([+-]\d+)?$/.exec(text.trim().toUpperCase()) ?? []
  const base = Object.hasOwn(numbers, name) ? numbers[name] : undefined
  const signal = /^\d+$/.test(text) ? Number(text) : base === undefined ? 0 : base + Number(offset)
  return signal >= 1 && signal <= 64 ? signal : undefined
}
