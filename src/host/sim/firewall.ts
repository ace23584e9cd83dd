import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  Firewall,
  FirewallChain,
  FirewallElement,
  FirewallError,
  FirewallLookup,
  FirewallTable,
  FirewallUpdate,
  StaleFlow,
} from '../../ports/firewall.ts'
import { checkChain, checkElement, checkName } from './firewall-check.ts'

export type FirewallOperation = keyof Firewall

/** What may go wrong, to be changed while the firewall is in use. */
export type FirewallFaults = {
  /** Asked before each operation: an error makes it fail with that, without any effect. */
  fail?: (operation: FirewallOperation, table: string) => FirewallError | undefined
  /** Operations take this many times as long; absent: 1. */
  slowness?: number
}

export type SimFirewallParts = Readonly<{ clock: Clock; faults?: FirewallFaults }>

export interface SimFirewall extends Firewall {
  /** The table as the kernel holds it, elements included. */
  table(name: string): FirewallTable | undefined
  tableNames(): readonly string[]
  /** As a rule would, on a dynamic lookup. */
  remember(table: string, lookup: string, element: FirewallElement): void
  readonly forgotten: readonly StaleFlow[]
  /** The machine crashes: no table is left. */
  crash(): void
}

type HeldLookup = Readonly<{ declaration: FirewallLookup; elements: Map<string, FirewallElement> }>
type Held = Readonly<{ lookups: Map<string, HeldLookup>; chains: Map<string, FirewallChain> }>

/** nft(8): 12 ms to start, and 16 µs an element. */
const startMs = 12
const elementMs = 0.016

/** Tables in memory, checked as nft checks them, changed in whole transactions. They outlive the process that loads them. */
export function simFirewall({ clock, faults = {} }: SimFirewallParts): SimFirewall {
  const tables = new Map<string, Held>()
  const forgotten: StaleFlow[] = []

  const perform = async <T>(
    operation: FirewallOperation,
    table: string,
    elements: number,
    run: () => Result<T, FirewallError>,
  ): Promise<Result<T, FirewallError>> => {
    await clock.sleep((startMs + elements * elementMs) * (faults.slowness ?? 1))
    const error = faults.fail?.(operation, table)
    return error === undefined ? run() : fail(error)
  }
  const commit = (name: string, made: Result<Held, FirewallError>): Result<void, FirewallError> => {
    if (!made.ok) return made
    tables.set(name, made.value)
    return ok(undefined)
  }
  return {
    apply: (table) =>
      perform('apply', table.name, sizeOf(table.lookups), () =>
        commit(table.name, changed(empty(), { ...table, table: table.name, changes: [] })),
      ),
    update: (update) =>
      perform('update', update.table, sizeOf(update.lookups) + changeCount(update), () => {
        const held = tables.get(update.table)
        return held === undefined
          ? notFound(`table ${update.table}`)
          : commit(update.table, changed(copy(held), update))
      }),
    remove: (table) =>
      perform('remove', table, 0, () => {
        tables.delete(table)
        return ok(undefined)
      }),
    elements: (table, lookup) =>
      perform('elements', table, 0, () => {
        const held = tables.get(table)?.lookups.get(lookup)
        return held === undefined ? notFound(`${lookup} in ${table}`) : ok([...held.elements.values()])
      }),
    forgetFlows: (flows) =>
      perform('forgetFlows', '', flows.length, () => {
        forgotten.push(...flows)
        return ok(undefined)
      }),
    table: (name) => {
      const held = tables.get(name)
      return held && { name, chains: [...held.chains.values()], lookups: [...held.lookups.values()].map(withElements) }
    },
    tableNames: () => [...tables.keys()].sort(),
    remember: (table, lookup, element) =>
      void tables.get(table)?.lookups.get(lookup)?.elements.set(element.key, element),
    forgotten,
    crash: () => tables.clear(),
  }
}

/** Carries the update out on `held`, in nft's order: names, rules, removals, additions. */
function changed(held: Held, update: FirewallUpdate): Result<Held, FirewallError> {
  for (const chain of update.chains) {
    const known = held.chains.get(chain.name)
    held.chains.set(chain.name, known === undefined ? chain : { ...known, rules: [...known.rules, ...chain.rules] })
  }
  for (const declaration of update.lookups) {
    if (!held.lookups.has(declaration.name)) held.lookups.set(declaration.name, { declaration, elements: new Map() })
  }
  const wrong =
    first([update.table, ...held.chains.keys(), ...held.lookups.keys()].map(checkName)) ??
    first(update.chains.map((chain) => checkChain(chain, new Set(held.chains.keys()), new Set(held.lookups.keys()))))
  if (wrong !== undefined) return fail(wrong)
  for (const { lookup, remove } of update.changes) {
    for (const key of remove) {
      if (held.lookups.get(lookup)?.elements.delete(key) !== true) return notFound(`${key} in ${lookup}`)
    }
  }
  const additions = [
    ...update.lookups.map(({ name, elements }) => ({ lookup: name, add: elements })),
    ...update.changes,
  ]
  for (const { lookup, add } of additions) {
    const refused = addAll(held, lookup, add)
    if (refused !== undefined) return fail(refused)
  }
  return ok(held)
}

function addAll(held: Held, lookup: string, add: readonly FirewallElement[]): FirewallError | undefined {
  const into = held.lookups.get(lookup)
  if (into === undefined) return { code: 'NotFound', message: `there is no ${lookup}` }
  for (const element of add) {
    const wrong = checkElement(into.declaration, element, held.chains, into.elements)
    if (wrong !== undefined) return wrong
    into.elements.set(element.key, element)
  }
  return undefined
}

function empty(): Held {
  return { lookups: new Map(), chains: new Map() }
}

function copy({ lookups, chains }: Held): Held {
  const copies = [...lookups].map(
    ([name, { declaration, elements }]) => [name, { declaration, elements: new Map(elements) }] as const,
  )
  return { lookups: new Map(copies), chains: new Map(chains) }
}

function withElements({ declaration, elements }: HeldLookup): FirewallLookup {
  return { ...declaration, elements: [...elements.values()] }
}

function sizeOf(lookups: readonly FirewallLookup[]): number {
  return lookups.reduce((sum, { elements }) => sum + elements.length, 0)
}

function changeCount({ changes }: FirewallUpdate): number {
  return changes.reduce((sum, { add, remove }) => sum + add.length + remove.length, 0)
}

function first(errors: readonly (FirewallError | undefined)[]): FirewallError | undefined {
  return errors.find((error) => error !== undefined)
}

function notFound(what: string): Readonly<{ ok: false; error: FirewallError }> {
  return fail({ code: 'NotFound', message: `there is no ${what}` })
}
