import fc from 'fast-check'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import type { Tx } from '../../server/core/db/db.ts'
import { convertTrades } from '../../server/flows/convert-trade.ts'
import { shipDeliveries } from '../../server/flows/ship.ts'
import { readdressDeliveries } from '../../server/fulfilment/parcels.ts'
import { releaseOrders, unreleaseDeliveries } from '../../server/fulfilment/shipping/release.ts'
import { unshipDeliveries } from '../../server/fulfilment/shipping/unship.ts'
import { setWaybills } from '../../server/fulfilment/shipping/waybills.ts'
import { stage } from '../../server/intake/testing.ts'
import {
  approveDocuments,
  createDocument,
  postDocuments,
  receiveDocuments,
} from '../../server/inventory/documents/documents.ts'
import { unfreezeStock } from '../../server/inventory/documents/locks.ts'
import { addGifts, giveAgain, removeGifts } from '../../server/orders/gifts/change.ts'
import { holdOrders, liftHolds } from '../../server/orders/holds/holds.ts'
import { completeOrders, lockWithShipmentAndChildren } from '../../server/orders/holds/shipping.ts'
import { mergeOrders, unmergeOrders } from '../../server/orders/merge/merge.ts'
import {
  recordPlatformChanges,
  resolvePlatformChanges,
} from '../../server/orders/platform-changes/differences.ts'
import { restoreOrders } from '../../server/orders/refunds/restore.ts'
import { confirmOrders, unconfirmOrders } from '../../server/orders/review/confirm.ts'
import { splitOrders } from '../../server/orders/split/split.ts'
import { unsplitOrders } from '../../server/orders/split/unsplit.ts'
import { voidOrders } from '../../server/orders/status/void.ts'
import { receiveReturns } from '../../server/returns/receiving/receive.ts'
import { aWaybill } from '../../server/testing/shipping.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { type AnswerCommand, answer } from './desk-answers.ts'
import { attempt, Died } from './desk-attempt.ts'
import { type MoneyCommand, withMoney } from './desk-money.ts'
import { numberClicks, withNumbers } from './desk-numbers.ts'
import { makeOwn, tidsOf } from './desk-own.ts'
import { type ParcelCommand, withParcels } from './desk-parcels.ts'
import { adjust, type Desk, type Round } from './desk-place.ts'
import { hearOfRefund, type RefundCommand } from './desk-refunds.ts'
import { runTasks, workOff } from './desk-rest.ts'
import { type ReturnCommand, withReturns } from './desk-returns.ts'

const trades = fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 })
const trade = fc.nat({ max: 3 })
const warehouse = fc.nat({ max: 1 })
const pieces = fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 3, maxLength: 3 })
const some = fc.array(fc.nat({ max: 2 }), { minLength: 3, maxLength: 3 })

const clicks = [
  ...([
    'convert',
    'convert',
    'confirm',
    'pack',
    'pack',
    'ship',
    'unship',
    'unship',
    'unrelease',
    'void',
  ] as const),
  ...([
    'restore',
    'restore',
    'unconfirm',
    'hold',
    'unhold',
    'complete',
    'waybill',
    'die',
    'unsplit',
  ] as const),
  ...([
    'merge',
    'unmerge',
    'packTogether',
    'packTogether',
    'packTogether',
    'gifts',
    'gift_add',
    'gift_remove',
    'deliver',
    'deliver',
    'deliverTogether',
    'deliverTogether',
  ] as const),
  ...numberClicks,
]

export function aClick<Click extends string>(click: Click) {
  return { weight: 1, arbitrary: fc.record({ do: fc.constant(click), trades }) }
}

/** What a user, a task or a platform does with orders. `pack` is the whole way of an order, one verb after another. */
export const orderKinds = [
  ...clicks.map(aClick),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      trade,
      kind: fc.constantFrom('address', 'address', 'courier', 'courier', 'memo', 'closed'),
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
      /** Index among the trade's orders, and among the order's lines. */
      which: fc.nat({ max: 2 }),
      line: fc.nat({ max: 2 }),
      pieces: fc.integer({ min: 1, max: 2 }),
      elsewhere: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('jobs' as const, 'jobs' as const, 'tasks' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('download' as const), trade }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('own' as const), trade }) },
]
type OrderCommand = (typeof orderKinds)[number]['arbitrary'] extends fc.Arbitrary<infer Value> ? Value : never
export type Command =
  | AnswerCommand
  | OrderCommand
  | ParcelCommand
  | RefundCommand
  | ReturnCommand
  | MoneyCommand

type OfOrders = Extract<OrderCommand, { trades: number[] }>['do']

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
    case 'tasks':
      return runTasks(desk)
    case 'agree':
    case 'ship_over':
      return answer(desk, round, one)
    case 'refund':
      return hearOfRefund(desk, round, one)
    case 'download': {
      const trade = round.trades[one.trade % round.trades.length]
      if (trade) await attempt(desk, () => stage(desk, trade))
      return
    }
    case 'change':
      return change(desk, round, one)
    case 'split':
      return split(desk, round, one)
    case 'own':
      return makeOwn(desk, round, one.trade)
    case 'money':
      return withMoney(desk, round, one)
    case 'print':
    case 'print_job':
    case 'wave':
    case 'station':
    case 'track':
      return withParcels(desk, round, one)
    default:
      return 'trades' in one ? onTrades(desk, round, one) : withReturns(desk, round, one)
  }
}

const asClerk = { actor: clerk, scope: wholeScope }
const reason = '买家不要了'
const hold = { reason: 'ask_buyer', note: '', until: null } as const

async function onTrades(
  desk: Desk,
  round: Round,
  one: { do: OfOrders; trades: readonly number[]; how?: 'apply' | 'ignore' },
): Promise<void> {
  const tids = tidsOf(round, one.trades)
  if (one.do === 'convert') return convert(desk, tids)
  const { orders, deliveries } = await found(desk, tids)
  const [code = ''] = round.codes
  const verbs: Partial<Record<OfOrders, (tx: Tx) => Promise<unknown>>> = {
    confirm: (tx) => confirmOrders(tx, orders, { actor: clerk, scope: wholeScope }),
    unconfirm: (tx) => unconfirmOrders(tx, orders, { actor: clerk, scope: wholeScope }),
    void: (tx) => voidOrders(tx, orders, reason, { actor: clerk, scope: wholeScope }),
    restore: (tx) => restoreOrders(tx, orders, { actor: clerk, scope: wholeScope }),
    hold: (tx) => holdOrders(tx, orders, hold, { actor: clerk, scope: wholeScope }),
    unhold: (tx) => liftHolds(tx, orders, {}, { actor: clerk, scope: wholeScope }),
    settle: (tx) =>
      resolvePlatformChanges(tx, orders, { how: one.how ?? 'ignore' }, { actor: clerk, scope: wholeScope }),
    unsplit: (tx) => unsplitOrders(tx, orders, { actor: clerk, scope: wholeScope }),
    merge: (tx) => mergeOrders(tx, orders, { actor: clerk, scope: wholeScope }),
    unmerge: (tx) => unmergeOrders(tx, orders, { actor: clerk, scope: wholeScope }),
    gifts: (tx) => giveAgain(tx, orders, asClerk),
    gift_add: (tx) => addGifts(tx, orders, { code, quantity: 1 }, asClerk),
    gift_remove: (tx) => removeGifts(tx, orders, { code }, asClerk),
    complete: (tx) => completeOrders(tx, orders, systemActor),
    ship: (tx) => shipDeliveries(tx, deliveries, { actor: clerk, scope: wholeScope }),
    unship: (tx) => unshipDeliveries(tx, deliveries, { actor: clerk, scope: wholeScope }),
    unrelease: (tx) => unreleaseDeliveries(tx, deliveries, { actor: clerk, scope: wholeScope }),
    waybill: (tx) => setWaybills(tx, deliveries.map(aParcel), { actor: clerk, scope: wholeScope }),
  }
  const click = numberClicks.find((known) => known === one.do)
  if (click) return withNumbers(desk, click, deliveries)
  const verb = verbs[one.do]
  if (verb) await attempt(desk, verb)
  else if (one.do === 'pack') await pack(desk, tids, orders)
  else if (one.do === 'deliver' || one.do === 'deliverTogether') {
    if (one.do === 'deliverTogether') await attempt(desk, (tx) => mergeOrders(tx, orders, asClerk))
    await deliver(desk, round, { tids, orders, trades: one.trades })
  } else if (one.do === 'packTogether') {
    await attempt(desk, (tx) => mergeOrders(tx, orders, { actor: clerk, scope: wholeScope }))
    await pack(desk, tids, orders)
  } else await die(desk, orders, deliveries)
}

export async function convert(desk: Desk, tids: readonly string[]): Promise<void> {
  const rows = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from staged_trade where tid = any(${[...tids]}::text[]) order by id`,
  )
  const ids = rows.map(({ id }) => id)
  await attempt(desk, (tx) => convertTrades(tx, ids, { actor: clerk, scope: wholeScope }))
}

/** Splits pieces of a line from one of the trade's orders, for the same or the other warehouse. */
async function split(
  desk: Desk,
  round: Round,
  { trade: at, which, line, pieces, elsewhere }: Extract<Command, { do: 'split' }>,
): Promise<void> {
  const { orders } = await found(desk, tidsOf(round, [at]))
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
  await attempt(desk, (tx) =>
    splitOrders(tx, [{ id, parts: [part], cause: 'hand' }], { actor: clerk, scope: wholeScope }),
  )
}

export const aParcel = (deliveryId: string) => ({ deliveryId, courier: 'SF', waybillNo: aWaybill() })

/** Returns the orders of these trades, and their reshipments. */
async function found(desk: Desk, tids: readonly string[]) {
  const rows = await rowsOf<{ id: string; delivery: string | null }>(
    desk.db,
    sql`with own as (select id from sales_order where tid = any(${[...tids]}::text[]))
        select o.id, d.id as delivery
        from (select id from own union select s.order_id from own join order_source s on s.source_id = own.id) o
        left join delivery d on d.order_id = o.id and d.status <> 'cancelled' order by o.id`,
  )
  return { orders: rows.map(({ id }) => id), deliveries: rows.flatMap(({ delivery }) => delivery ?? []) }
}

export async function pack(desk: Desk, tids: readonly string[], orders: readonly string[]): Promise<void> {
  await attempt(desk, (tx) => confirmOrders(tx, orders, { actor: clerk, scope: wholeScope }))
  await attempt(desk, (tx) => releaseOrders(tx, orders, { actor: clerk, scope: wholeScope }))
  const { deliveries } = await found(desk, tids)
  await attempt(desk, (tx) => setWaybills(tx, deliveries.map(aParcel), { actor: clerk, scope: wholeScope }))
  await attempt(desk, (tx) => shipDeliveries(tx, deliveries, { actor: clerk, scope: wholeScope }))
}

/** The way of an order through the warehouse: released, picked, labelled, checked and shipped at a station. */
async function deliver(
  desk: Desk,
  round: Round,
  { tids, orders, trades }: { tids: readonly string[]; orders: readonly string[]; trades: readonly number[] },
): Promise<void> {
  await attempt(desk, (tx) => confirmOrders(tx, orders, asClerk))
  await attempt(desk, (tx) => releaseOrders(tx, orders, asClerk))
  const { deliveries } = await found(desk, tids)
  const [typed = [], asked = []] = [0, 1].map((of) => deliveries.filter((id) => Number(id) % 2 === of))
  await attempt(desk, (tx) => setWaybills(tx, typed.map(aParcel), asClerk))
  if (trades.includes(1)) await withNumbers(desk, 'packages', asked)
  await withNumbers(desk, 'take', asked)
  for (const at of trades)
    await withParcels(desk, round, { do: 'wave', trade: at, act: 'whole', twice: false })
  await withParcels(desk, round, { do: 'print', trades: [...trades], how: 'printed' })
  for (const at of trades)
    await withParcels(desk, round, { do: 'station', trade: at, station: 0, how: 'whole' })
}

/** Does everything of one transaction, and then ends before the commit. */
async function die(desk: Desk, orders: readonly string[], deliveries: readonly string[]): Promise<void> {
  const returns = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from return_order where order_id = any(${[...orders]}::bigint[])`,
  )
  await attempt(desk, async (tx) => {
    if (returns.length > 0) await receiveReturns(tx, returns, { actor: clerk, scope: wholeScope })
    else if (deliveries.length > 0) await shipDeliveries(tx, deliveries, { actor: clerk, scope: wholeScope })
    else await voidOrders(tx, orders, reason, { actor: clerk, scope: wholeScope })
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
    const made = await createDocument(tx, one.do, input, { actor: clerk, scope: wholeScope })
    await approveDocuments(tx, [made], { actor: clerk, scope: wholeScope })
    return made
  })
  await attempt(desk, (tx) => postDocuments(tx, [id], { actor: clerk, scope: wholeScope }))
  if (one.do === 'transfer' && one.received)
    await attempt(desk, (tx) => receiveDocuments(tx, [id], { actor: clerk, scope: wholeScope }))
  if (one.do === 'lock' && one.freed)
    await attempt(desk, (tx) => unfreezeStock(tx, [id], undefined, { actor: clerk, scope: wholeScope }))
}

/** The couriers that a platform designates after conversion: none, that of typed waybills, that of the first waybill account, both. */
const designations = ['', 'SF', 'YTO', 'SF,YTO']

async function change(
  desk: Desk,
  round: Round,
  { trade: at, kind, at: minute }: Extract<Command, { do: 'change' }>,
): Promise<void> {
  const { orders } = await found(desk, tidsOf(round, [at]).slice(0, 1))
  // The root order has the smallest id; its parts also get the difference.
  const differences = orders.slice(0, 1).map((orderId) => ({
    orderId,
    kind,
    old: kind === 'courier' ? '' : '旧',
    new: kind === 'courier' ? (designations[minute % designations.length] ?? '') : `新 ${minute}`,
    tradeVersion: new Date(Date.UTC(2026, 10, 24, 4, minute)),
  }))
  if (differences.length === 0) return
  await attempt(desk, async (tx) => {
    await lockWithShipmentAndChildren(tx, orders.slice(0, 1))
    await readdressDeliveries(tx, await recordPlatformChanges(tx, differences, systemActor), systemActor)
  })
}
