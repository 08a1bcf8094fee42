import fc from 'fast-check'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../server/actor.ts'
import { isAboutTheServer } from '../server/batches/bisect.ts'
import type { Tx } from '../server/db.ts'
import { releaseOrders, unreleaseDeliveries } from '../server/fulfilment/release.ts'
import { shipDeliveries, unshipDeliveries } from '../server/fulfilment/ship.ts'
import { setWaybills } from '../server/fulfilment/waybills.ts'
import { convertTrades } from '../server/intake/convert.ts'
import {
  approveDocuments,
  createDocument,
  postDocuments,
  receiveDocuments,
} from '../server/inventory/documents.ts'
import { releaseLocks } from '../server/inventory/locks.ts'
import { confirmOrders, unconfirmOrders } from '../server/orders/confirm.ts'
import { noteDifferences, settleDifferences } from '../server/orders/differences.ts'
import { addGifts, giveAgain, removeGifts } from '../server/orders/gifts/change.ts'
import { holdOrders, releaseHolds } from '../server/orders/holds.ts'
import { mergeOrders, unmergeOrders } from '../server/orders/merge.ts'
import { applyRefunds } from '../server/orders/refunds.ts'
import { restoreOrders } from '../server/orders/restore.ts'
import { completeOrders } from '../server/orders/shipping.ts'
import { splitOrders } from '../server/orders/split.ts'
import { unsplitOrders } from '../server/orders/unsplit.ts'
import { voidOrders } from '../server/orders/void.ts'
import { aRefund } from '../server/testing/orders.ts'
import { aWaybill } from '../server/testing/shipping.ts'
import { adjust, type Desk, type Round, tradeCount, workOff } from './desk-place.ts'
import { clerk, rowsOf } from './one-shop.ts'

const trades = fc.uniqueArray(fc.nat({ max: tradeCount - 1 }), { minLength: 1, maxLength: 4 })
const trade = fc.nat({ max: tradeCount - 1 })
const warehouse = fc.nat({ max: 1 })
const pieces = fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 3, maxLength: 3 })
const some = fc.array(fc.nat({ max: 2 }), { minLength: 3, maxLength: 3 })

/** What a person, a task or a platform does at the desk. `pack` is the whole way of an order, one click after another. */
export const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(['convert', 'convert', 'confirm', 'pack', 'pack', 'ship', 'unship', 'unrelease'] as const),
        ...(['void', 'restore', 'restore', 'unconfirm', 'hold', 'unhold', 'complete', 'waybill'] as const),
      ),
      trades,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      trade,
      line: fc.nat({ max: 1 }),
      status: fc.constantFrom('applied', 'agreed', 'succeeded', 'succeeded', 'closed', 'refused'),
      at: fc.nat({ max: 6 }),
      /** Of the line's money and pieces, or of the trade's: all, half, or money only. */
      part: fc.constantFrom('all', 'all', 'half', 'money'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      trade,
      kind: fc.constantFrom('address', 'address', 'memo', 'closed'),
      at: fc.nat({ max: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      trades,
      how: fc.constantFrom('apply' as const, 'ignore' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('adjust' as const), warehouse, by: pieces }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('transfer' as const),
      warehouse,
      by: some,
      received: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('count' as const), warehouse, by: some }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('lock' as const), warehouse, by: some, freed: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('split' as const),
      trade,
      /** Of the trade's orders, and of that one's lines. */
      which: fc.nat({ max: 2 }),
      line: fc.nat({ max: 2 }),
      pieces: fc.integer({ min: 1, max: 2 }),
      elsewhere: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('unsplit', 'merge', 'unmerge', 'packTogether', 'packTogether'),
      trades,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('gifts' as const, 'gift_add' as const, 'gift_remove' as const),
      trades,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('jobs' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), trades }) },
)
export type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never

class Died extends Error {}

/** How often the server gave a transaction up, and its caller tried again as a batch and a job do. */
export const given = { up: 0 }

/** One transaction, tried again when the server gave it up for its own reasons. */
async function attempt<T>({ run }: Desk, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run(work)
    } catch (error) {
      if (error instanceof Died || !isAboutTheServer(error) || tries === 5) throw error
      given.up += 1
    }
  }
}

type OfOrders = Extract<Command, { trades: number[] }>['do']

export async function perform(desk: Desk, round: Round, one: Command): Promise<void> {
  switch (one.do) {
    case 'adjust':
      return adjust(desk, one.warehouse, round.codes, one.by)
    case 'transfer':
    case 'count':
    case 'lock':
      return document(desk, round, one)
    case 'jobs':
      await workOff(desk)
      return
    case 'refund':
      return refund(desk, round, one)
    case 'change':
      return change(desk, round, one)
    case 'split':
      return split(desk, round, one)
    case 'convert': {
      const ids = one.trades.map((at) => round.tradeIds[at] ?? '')
      await attempt(desk, (tx) => convertTrades(tx, ids, clerk, wholeScope))
      return
    }
    default: {
      const tids = one.trades.map((at) => round.trades[at]?.tid ?? '')
      return onOrders(desk, tids, one, round.codes)
    }
  }
}

const asClerk = { actor: clerk, scope: wholeScope }
const reason = '买家不要了'
const hold = { reason: 'ask_buyer', note: '', until: null } as const

async function onOrders(
  desk: Desk,
  tids: readonly string[],
  one: { do: OfOrders; how?: 'apply' | 'ignore' },
  [code = '']: readonly string[],
): Promise<void> {
  const { orders, deliveries } = await found(desk, tids)
  const verbs: Partial<Record<OfOrders, (tx: Tx) => Promise<unknown>>> = {
    confirm: (tx) => confirmOrders(tx, orders, clerk, wholeScope),
    unconfirm: (tx) => unconfirmOrders(tx, orders, clerk, wholeScope),
    void: (tx) => voidOrders(tx, orders, reason, clerk, wholeScope),
    restore: (tx) => restoreOrders(tx, orders, clerk, wholeScope),
    hold: (tx) => holdOrders(tx, orders, hold, clerk, wholeScope),
    unhold: (tx) => releaseHolds(tx, orders, {}, clerk, wholeScope),
    settle: (tx) => settleDifferences(tx, orders, { how: one.how ?? 'ignore' }, clerk, wholeScope),
    unsplit: (tx) => unsplitOrders(tx, orders, clerk, wholeScope),
    merge: (tx) => mergeOrders(tx, orders, clerk, wholeScope),
    unmerge: (tx) => unmergeOrders(tx, orders, clerk, wholeScope),
    gifts: (tx) => giveAgain(tx, orders, asClerk),
    gift_add: (tx) => addGifts(tx, orders, { code, quantity: 1 }, asClerk),
    gift_remove: (tx) => removeGifts(tx, orders, { code }, asClerk),
    complete: (tx) => completeOrders(tx, orders, systemActor),
    ship: (tx) => shipDeliveries(tx, deliveries, clerk, wholeScope),
    unship: (tx) => unshipDeliveries(tx, deliveries, clerk, wholeScope),
    unrelease: (tx) => unreleaseDeliveries(tx, deliveries, clerk, wholeScope),
    waybill: (tx) => setWaybills(tx, deliveries.map(aParcel), clerk, wholeScope),
  }
  const verb = verbs[one.do]
  if (verb) await attempt(desk, verb)
  else if (one.do === 'pack') await pack(desk, tids, orders)
  else if (one.do === 'packTogether') {
    await attempt(desk, (tx) => mergeOrders(tx, orders, clerk, wholeScope))
    await pack(desk, tids, orders)
  } else await die(desk, orders, deliveries)
}

/** Pieces of one line of one of the trade's orders, to stay where they are or to leave from the other warehouse. */
async function split(
  desk: Desk,
  round: Round,
  { trade: at, which, line, pieces, elsewhere }: Extract<Command, { do: 'split' }>,
): Promise<void> {
  const { orders } = await found(desk, [round.trades[at]?.tid ?? ''])
  const id = orders[which % Math.max(1, orders.length)]
  if (id === undefined) return
  const lines = await rowsOf<{ lineNo: number; quantity: number }>(
    desk.db,
    sql`select line_no as "lineNo", quantity from order_line where order_id = ${id} order by line_no`,
  )
  const chosen = lines[line % Math.max(1, lines.length)]
  if (!chosen) return
  const part = {
    lines: [{ lineNo: chosen.lineNo, quantity: Math.min(pieces, chosen.quantity) }],
    ...(elsewhere ? { warehouseId: desk.warehouses[1] } : {}),
  }
  await attempt(desk, (tx) => splitOrders(tx, [{ id, parts: [part], cause: 'hand' }], clerk, wholeScope))
}

const aParcel = (deliveryId: string) => ({ deliveryId, courier: 'SF', waybillNo: aWaybill() })

async function found(desk: Desk, tids: readonly string[]) {
  const rows = await rowsOf<{ id: string; delivery: string | null }>(
    desk.db,
    sql`select o.id, d.id as delivery from sales_order o left join delivery d on d.order_id = o.id and d.status <> 'cancelled'
        where o.tid = any(${[...tids]}::text[]) order by o.id`,
  )
  return { orders: rows.map(({ id }) => id), deliveries: rows.flatMap(({ delivery }) => delivery ?? []) }
}

async function pack(desk: Desk, tids: readonly string[], orders: readonly string[]): Promise<void> {
  await attempt(desk, (tx) => confirmOrders(tx, orders, clerk, wholeScope))
  await attempt(desk, (tx) => releaseOrders(tx, orders, clerk, wholeScope))
  const { deliveries } = await found(desk, tids)
  await attempt(desk, (tx) => setWaybills(tx, deliveries.map(aParcel), clerk, wholeScope))
  await attempt(desk, (tx) => shipDeliveries(tx, deliveries, clerk, wholeScope))
}

/** Everything of one transaction, and then its process is gone. */
async function die(desk: Desk, orders: readonly string[], deliveries: readonly string[]): Promise<void> {
  await attempt(desk, async (tx) => {
    await shipDeliveries(tx, deliveries, clerk, wholeScope)
    if (deliveries.length === 0) await voidOrders(tx, orders, reason, clerk, wholeScope)
    throw new Died()
  }).catch((error: unknown) => {
    if (!(error instanceof Died)) throw error
  })
}

async function document(
  desk: Desk,
  { codes }: Round,
  one: Extract<Command, { do: 'transfer' | 'count' | 'lock' }>,
): Promise<void> {
  const lines = codes
    .map((skuCode, at) => ({ skuCode, quantity: one.by[at] ?? 0 }))
    .filter(({ quantity }) => one.do === 'count' || quantity > 0)
  if (lines.length === 0) return
  const input = {
    warehouseId: desk.warehouses[one.warehouse] ?? '',
    toWarehouseId: desk.warehouses[1 - one.warehouse],
    lines,
  }
  const id = await attempt(desk, async (tx) => {
    const made = await createDocument(tx, one.do, input, clerk, wholeScope)
    await approveDocuments(tx, [made], clerk, wholeScope)
    return made
  })
  await attempt(desk, (tx) => postDocuments(tx, [id], clerk, wholeScope))
  if (one.do === 'transfer' && one.received)
    await attempt(desk, (tx) => receiveDocuments(tx, [id], clerk, wholeScope))
  if (one.do === 'lock' && one.freed)
    await attempt(desk, (tx) => releaseLocks(tx, [id], undefined, clerk, wholeScope))
}

/** Of every other trade the whole is refunded at once, of the others line by line: together never more than was paid. */
async function refund(
  desk: Desk,
  { trades: all }: Round,
  one: Extract<Command, { do: 'refund' }>,
): Promise<void> {
  const bought = all[one.trade]
  if (!bought) return
  const line = bought.lines[one.line % bought.lines.length]
  const whole = one.trade % 2 === 0 && bought.lines.length > 1
  const fen = whole ? bought.paymentFen : (line?.paymentFen ?? 0)
  const quantity = whole
    ? bought.lines.reduce((sum, { quantity: each }) => sum + each, 0)
    : (line?.quantity ?? 0)
  const version = aRefund({
    shopId: desk.shopId,
    tid: bought.tid,
    refundNo: `${bought.tid}-${whole ? '' : one.line % bought.lines.length}`,
    oid: whole ? '' : (line?.oid ?? ''),
    status: one.status,
    at: one.at * 60,
    amountFen: one.part === 'all' ? fen : Math.floor(fen / 2),
    quantity: one.part === 'all' ? quantity : one.part === 'half' ? Math.ceil(quantity / 2) : 0,
  })
  await attempt(desk, (tx) => applyRefunds(tx, [version], systemActor))
}

async function change(
  desk: Desk,
  round: Round,
  { trade: at, kind, at: minute }: Extract<Command, { do: 'change' }>,
): Promise<void> {
  const { orders } = await found(desk, [round.trades[at]?.tid ?? ''])
  // The root's id is the smallest, and its parts hear of it as well.
  const differences = orders.slice(0, 1).map((orderId) => ({
    orderId,
    kind,
    old: '旧',
    new: `新 ${minute}`,
    tradeVersion: new Date(Date.UTC(2026, 10, 24, 4, minute)),
  }))
  if (differences.length > 0) await attempt(desk, (tx) => noteDifferences(tx, differences, systemActor))
}
