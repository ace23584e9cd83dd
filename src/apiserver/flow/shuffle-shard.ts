/**
 * Shuffle sharding: a flow is dealt a hand of the queues, always the same one, and two flows seldom hold the same hand. So a flow that
 * fills its queues leaves others one that is not full.
 */
export function dealHand(flowHash: number, queues: number, handSize: number): readonly number[] {
  const hand: number[] = []
  let entropy = flowHash
  for (let left = queues; hand.length < Math.min(handSize, queues); left -= 1) {
    const card = entropy % left
    entropy = Math.floor(entropy / left)
    hand.push(nthUndealt(card, hand))
  }
  return hand
}

/** Far more flows than are at work at a time. */
const rememberedHands = 2000

/** Deals hands, and remembers them: a flow's is asked for with each of its requests. */
export function dealer(queues: number, handSize: number): (flowHash: number) => readonly number[] {
  const hands = new Map<number, readonly number[]>()
  return (flowHash) => {
    const known = hands.get(flowHash)
    if (known !== undefined) return known
    if (hands.size >= rememberedHands) hands.clear()
    const hand = dealHand(flowHash, queues, handSize)
    hands.set(flowHash, hand)
    return hand
  }
}

/** The card at this place among those that are not dealt yet. */
function nthUndealt(place: number, dealt: readonly number[]): number {
  let card = place
  for (const one of [...dealt].sort((a, b) => a - b)) if (one <= card) card += 1
  return card
}

const twoTo32 = 2 ** 32
const low21Bits = 0x1f_ffff

/** Of the schema and what tells its flows apart, in 53 bits: two rounds of FNV-1a. */
export function hashFlow(schemaName: string, distinguisher: string): number {
  const text = `${schemaName.length}:${schemaName}:${distinguisher}`
  return (fnv(text, 0x811c9dc5) & low21Bits) * twoTo32 + fnv(text, 0x01000193)
}

function fnv(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
