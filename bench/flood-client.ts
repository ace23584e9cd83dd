// A client of its own process, started by flood.ts: asks for the path over and over on each connection, until its input ends.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { connect, type Target } from './connection.ts'

export type FloodOrder = Readonly<{ target: Target; path: string; connections: number }>

const input = createInterface({ input: process.stdin })
const [line] = (await once(input, 'line')) as [string]
const { target, path, connections } = JSON.parse(line) as FloodOrder
let isOver = false
input.on('close', () => {
  isOver = true
})
let answers = 0
const startedMs = performance.now()
const clients = await Promise.all(Array.from({ length: connections }, () => connect(target)))
process.stdout.write('flooding\n')
await Promise.all(
  clients.map(async (client) => {
    for (; !isOver; answers++) await client.request('GET', path)
    client.close()
  }),
)
process.stdout.write(`${Math.round((answers * 1000) / (performance.now() - startedMs))}\n`)
