import type { WaveSorting } from './lifecycle.ts'

/** The pieces of a wave that are still to be picked and sorted. Pure. */

export type Member = {
  deliveryId: string
  orderId: string
  basket: number
  live: boolean
  keeps: boolean
  status: string
  /** True if a refund, a hold or a new address stops its order now. */
  stopped: boolean
}
/** `now`: pieces that the delivery needs as its order is now; a refund may have taken some since. */
export type Piece = {
  deliveryId: string
  skuId: string
  wanted: number
  picked: number
  sorted: number
  now: number
}
export type Line = { seq: number; skuId: string; isDone: boolean }
/** The deliveries of a wave and the pieces that are picked for each. */
export type Members = { members: readonly Member[]; pieces: readonly Piece[] }
export type Work = Members & { lines: readonly Line[] }

const stillNeeded = ({ wanted, now, picked }: Piece) => Math.max(0, Math.min(wanted, now) - picked)

/** True if goods are picked for it: it is in the wave, waits for shipping, and nothing stops it. */
const isPicked = (member: Member | undefined) =>
  member?.live === true && member.status === 'pending' && !member.stopped

type Share = { deliveryId: string; basket: number; pieces: number }

/**
 * Returns the lines as they are now: one that was closed is open again if baskets need its SKU once more, because a stop has ended since, and
 * no other line has it. Where pieces were missing there are none.
 */
export function linesNow<Of extends Line & { missing: number }>(
  work: Members & { lines: readonly Of[] },
): Of[] {
  const needed = new Set(work.lines.flatMap(({ skuId }) => (sharesOf(work, skuId).length > 0 ? [skuId] : [])))
  const open = new Set(work.lines.flatMap(({ isDone, skuId }) => (isDone ? [] : [skuId])))
  return work.lines.map((line) =>
    line.isDone && line.missing === 0 && needed.has(line.skuId) && !open.has(line.skuId)
      ? { ...line, isDone: false }
      : line,
  )
}

/** Returns which baskets still need pieces of the SKU, the first basket first. */
export function sharesOf({ members, pieces }: Members, skuId: string): Share[] {
  const memberOf = new Map(members.map((member) => [member.deliveryId, member]))
  return pieces
    .filter((piece) => piece.skuId === skuId && isPicked(memberOf.get(piece.deliveryId)))
    .map((piece) => ({
      deliveryId: piece.deliveryId,
      basket: memberOf.get(piece.deliveryId)?.basket ?? 0,
      pieces: stillNeeded(piece),
    }))
    .filter((share) => share.pieces > 0)
    .toSorted((a, b) => a.basket - b.basket || Number(a.deliveryId) - Number(b.deliveryId))
}

export const sumOf = (shares: readonly Share[]) => shares.reduce((sum, { pieces }) => sum + pieces, 0)

/** Gives pieces to the baskets, the first first. */
export function give(shares: readonly Share[], pieces: number): Share[] {
  let left = pieces
  return shares.flatMap((share) => {
    const given = Math.min(left, share.pieces)
    left -= given
    return given > 0 ? [{ ...share, pieces: given }] : []
  })
}

/** Returns how many pieces the wave still picks, stopped deliveries left out. */
export function openPieces({ members, pieces }: Members): number {
  const memberOf = new Map(members.map((member) => [member.deliveryId, member]))
  return pieces.reduce(
    (sum, piece) => sum + (isPicked(memberOf.get(piece.deliveryId)) ? stillNeeded(piece) : 0),
    0,
  )
}

/** Returns what each basket and each open line gets if all that the wave still picks was taken. A SKU is taken at its first open line. */
export function restOf(work: Work) {
  const open = work.lines.filter(({ isDone }) => !isDone)
  const firsts = open.filter(({ skuId }, at) => open.findIndex((line) => line.skuId === skuId) === at)
  return {
    pieces: firsts.flatMap(({ skuId }) => sharesOf(work, skuId).map((share) => ({ ...share, skuId }))),
    lines: open.map((line) => ({
      seq: line.seq,
      pieces: firsts.includes(line) ? sumOf(sharesOf(work, line.skuId)) : 0,
    })),
  }
}

/**
 * Returns what a picker has taken by the printed list for parcels that were stopped meanwhile, of SKUs whose lines were open until now. A wave
 * without baskets keeps nothing for them, so the pieces that were picked before go back as well. A stopped delivery whose goods are all there stays.
 */
export function takenInVain({ members, pieces, lines }: Work, sorting: WaveSorting) {
  const memberOf = new Map(members.map((member) => [member.deliveryId, member]))
  const open = new Set(lines.flatMap(({ isDone, skuId }) => (isDone ? [] : [skuId])))
  return pieces.flatMap((piece) => {
    const { deliveryId, skuId, picked } = piece
    const member = memberOf.get(deliveryId)
    const isStopped = member?.live === true && member.status === 'pending' && member.stopped
    const rest = stillNeeded(piece)
    if (!isStopped || rest === 0 || !open.has(skuId)) return []
    return [{ deliveryId, skuId, quantity: rest + (keepsGoods(sorting) ? 0 : picked) }]
  })
}

/** Returns what lies in the cart for deliveries that leave: goes back if the wave has no baskets. */
export function inCartOf({ pieces }: Members, leaving: ReadonlySet<string>) {
  return pieces.flatMap(({ deliveryId, skuId, picked }) =>
    leaving.has(deliveryId) && picked > 0 ? [{ deliveryId, skuId, quantity: picked }] : [],
  )
}

export type Ending = { whole: Member[]; leaving: { member: Member; reason: 'stopped' | 'gone' | 'cut' }[] }

/**
 * Decides what happens to the live deliveries when picking ends. A delivery whose goods are all picked stays, also if it is stopped: its
 * goods wait in the basket. The others leave. A merged shipment stays or leaves as a whole.
 */
export function endingOf({ members, pieces }: Work): Ending {
  const lacks = new Set(pieces.filter((piece) => stillNeeded(piece) > 0).map(({ deliveryId }) => deliveryId))
  const live = members.filter((member) => member.live)
  const gone = live.filter(({ status }) => status !== 'pending')
  const there = live.filter(({ status }) => status === 'pending')
  const short = new Set(there.filter(({ deliveryId }) => lacks.has(deliveryId)).map(({ basket }) => basket))
  const stopped = new Set(there.filter((member) => member.stopped).map(({ basket }) => basket))
  return {
    whole: there.filter(({ basket }) => !short.has(basket)),
    leaving: [
      ...gone.map((member) => ({ member, reason: 'gone' as const })),
      ...there
        .filter(({ basket }) => short.has(basket))
        .map((member) => ({
          member,
          reason: stopped.has(member.basket) ? ('stopped' as const) : ('cut' as const),
        })),
    ],
  }
}

export type Placement =
  | { basket: number; deliveryId: string; isStopped: boolean }
  /** No basket needs the piece: it goes back to its bin. */
  | undefined

/** Returns the basket into which the next piece of the SKU is sorted: first those that ship, then those whose goods are only kept. */
export function nextBasket({ members, pieces }: Work, skuId: string): Placement {
  const memberOf = new Map(members.map((member) => [member.deliveryId, member]))
  const found = pieces
    .flatMap((piece) => {
      const member = memberOf.get(piece.deliveryId)
      return piece.skuId === skuId && member && dueToSort(member, piece) > 0 ? [member] : []
    })
    .toSorted((a, b) => Number(isAside(a)) - Number(isAside(b)) || a.basket - b.basket)
  const [first] = found
  return first && { basket: first.basket, deliveryId: first.deliveryId, isStopped: first.stopped }
}

const isAside = (member: Member) => member.stopped || !member.live

/** Pieces of a delivery in the cart that belong in its basket. A refund may have taken some of a live one: they go back to their bin. */
function dueToSort(member: Member, { picked, sorted, now }: Piece): number {
  if (member.status !== 'pending' || !(member.live || member.keeps)) return 0
  return Math.max(0, (member.live ? Math.min(picked, now) : picked) - sorted)
}

/** Returns how many pieces wait to be sorted into baskets. */
export function unsorted({ members, pieces }: Members): number {
  const memberOf = new Map(members.map((member) => [member.deliveryId, member]))
  return pieces.reduce((sum, piece) => {
    const member = memberOf.get(piece.deliveryId)
    return sum + (member ? dueToSort(member, piece) : 0)
  }, 0)
}

/** Returns how many baskets wait for a delivery whose order is stopped. */
export const stoppedBaskets = (members: readonly Member[]) =>
  new Set(
    members.flatMap(({ live, keeps, status, stopped, basket }) =>
      (live || keeps) && status === 'pending' && stopped ? [basket] : [],
    ),
  ).size

/** True if the picked goods of a delivery that leaves wait in its basket: a wave without baskets has none. */
export const keepsGoods = (sorting: WaveSorting) => sorting !== 'none'
