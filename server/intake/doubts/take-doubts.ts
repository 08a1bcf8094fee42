import type { Actor, By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { addRefundEvents, addTradeEvents } from '../event-queries.ts'
import { lockOriginals, peekRefunds } from '../refunds/convert-refund-queries.ts'
import { applyToOriginals } from '../refunds/convert-refunds.ts'
import { type DoubtfulRow, lockDoubtful, writeTaken } from '../staged/doubt-queries.ts'
import { updateRefundReasons } from '../staged/refund-queries.ts'
import { updateTradeReasons } from '../trades/recheck.ts'

/** The modified time of the version that the user saw, by document id. */
export type SeenVersions = Readonly<Record<string, string>>

/**
 * 采用: a person accepts the values taken instead of unclear ones. Other unclear values of a later version wait again. A document that
 * changed since the user saw it is refused.
 */
export async function acceptTradeDoubts(
  tx: Tx,
  ids: readonly string[],
  seen: SeenVersions,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const rows = await lockDoubtful(tx, 'staged_trade', ids, scope)
  const { outcomes, taken } = decide(ids, rows, seen, ['staged'])
  if (taken.length === 0) return outcomes
  await writeTaken(tx, 'staged_trade', idsOf(taken))
  for (const [shopId, some] of Map.groupBy(taken, (row) => row.shop_id))
    await addTradeEvents(
      tx,
      shopId,
      some.map(({ no, fields }) => ({ tid: no, event: 'doubts_taken', detail: { fields } })),
      actor,
    )
  await noteTaken(tx, 'trade', taken, actor)
  await updateTradeReasons(tx, idsOf(taken))
  return outcomes
}

/** Accepts the unclear values of refunds in the same way. A converted refund is then applied to its order. */
export async function acceptRefundDoubts(
  tx: Tx,
  ids: readonly string[],
  seen: SeenVersions,
  { actor, scope }: By,
): Promise<Outcome[]> {
  // The lock order: trades before refunds.
  const originals = await lockOriginals(tx, await peekRefunds(tx, ids, scope))
  const rows = await lockDoubtful(tx, 'staged_refund', ids, scope)
  const { outcomes, taken } = decide(ids, rows, seen, ['staged', 'converted'])
  if (taken.length === 0) return outcomes
  await writeTaken(tx, 'staged_refund', idsOf(taken))
  const trades = [...originals.values()].map(({ id }) => id)
  for (const [shopId, some] of Map.groupBy(taken, (row) => row.shop_id)) {
    await addRefundEvents(
      tx,
      shopId,
      some.map(({ no, fields }) => ({ refundNo: no, event: 'doubts_taken', detail: { fields } })),
      actor,
    )
    const refunds = some.map(({ no }) => no)
    await updateRefundReasons(
      tx,
      shopId,
      some.map(({ tid }) => tid),
      { trades, refunds },
    )
  }
  await noteTaken(tx, 'refund', taken, actor)
  await applyToOriginals(tx, idsOf(taken.filter(({ state }) => state === 'converted')), actor)
  return outcomes
}

const idsOf = (rows: readonly DoubtfulRow[]) => rows.map(({ id }) => id)

function decide(
  ids: readonly string[],
  rows: readonly DoubtfulRow[],
  seen: SeenVersions,
  from: readonly string[],
): { outcomes: Outcome[]; taken: DoubtfulRow[] } {
  const held = new Map(rows.map((row) => [row.id, row]))
  const whyNot = (row: DoubtfulRow | undefined) => {
    if (!row) return notFound({ zh: '这一条', en: 'Row' })
    if (!from.includes(row.state)) return { code: `already_${row.state}` }
    if (!row.doubtful) return notDoubtful
    return seenAt(seen, row.id) === row.modified_at.getTime() ? undefined : changed
  }
  return {
    outcomes: ids.map((id) => {
      const why = whyNot(held.get(id))
      return why ? { id, done: false, ...why } : { id, done: true, ref: held.get(id)?.no ?? '' }
    }),
    taken: rows.filter((row) => whyNot(row) === undefined),
  }
}

const seenAt = (seen: SeenVersions, id: string) =>
  Object.hasOwn(seen, id) ? Date.parse(seen[id] ?? '') : Number.NaN

const notDoubtful = {
  code: 'not_doubtful',
  message: { zh: '没有待采用的存疑内容', en: 'Nothing in doubt waits to be taken' },
}
const changed = {
  code: 'conflict',
  message: { zh: '你看过之后又变了，重新核对', en: 'It changed since you looked: look again' },
}

async function noteTaken(
  tx: Tx,
  what: 'trade' | 'refund',
  rows: readonly DoubtfulRow[],
  actor: Actor,
): Promise<void> {
  await audit(
    tx,
    ...rows.map(({ id, shop_id, fields }) => ({
      actor,
      action: `${what}.take_doubts`,
      subject: { type: `staged_${what}`, id },
      shopId: shop_id,
      detail: { fields },
    })),
  )
}
