import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { RunningSandbox } from '../sandbox/server.ts'
import { aTrade } from '../sandbox/testing.ts'
import type { Line, Platform, Trade } from '../sandbox/world/model.ts'
import type { Connector } from '../server/connectors/connector.ts'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { startOutbox } from '../server/core/outbox/loop.ts'
import { runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import { intakeActions } from '../server/intake/outbox.ts'
import {
  agreeRefunds,
  type RefuseRequest,
  refuseRefunds,
  type Seen,
} from '../server/intake/refunds/refund-actions.ts'
import { readRefuseReasons } from '../server/intake/refunds/refund-view.ts'
import { type MemoChange, writeMemos } from '../server/orders/platform-changes/memo.ts'
import { openCall } from '../server/shops/calls.ts'
import { aRun } from '../server/testing/run.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'
import { type Checked, check } from './checker.ts'
import { openShop } from './one-shop.ts'

// The steps from the first token to the write-back that are the same for every shop which connects with an application of its own.

/** A connected shop of the platform. `context` makes the context of a list run; each one has a greater fence than the one before. */
export type AppShop = { house: ShippingHouse; context: ReturnType<typeof runsOf> }

/** Connects a shop without trades. It ends with the tests of the file. */
export async function anAppShop(platform: Platform): Promise<AppShop> {
  const house = await aShippingHouse(platform)
  after(() => house[Symbol.asyncDispose]())
  return { house, context: runsOf(house) }
}

const keyOf = ({ sandbox }: ShippingHouse) => sandbox.world.shops[0]?.key ?? assert.fail()

/** Makes a trade on the platform and leaves it there. Returns its number. */
export const madeTrade = (house: ShippingHouse, spec: object) => aTrade(house.sandbox, keyOf(house), spec)

export type StagedTrade = { tid: string; state: string; status: string; oids: string[] }

/** Makes a paid trade of two lines and runs the list of trades. Returns the trade on the platform, and all that are staged with us. */
export async function firstStaged(
  { house, context }: AppShop,
  spec: object = {},
): Promise<{ trade: Trade; staged: StagedTrade[] }> {
  const tid = await madeTrade(house, { lines: 2, ...spec })
  await sleep(1100)
  await runTradeList(await context())
  const staged = await sql<StagedTrade>`
    select t.tid, t.state, t.status, array(select l ->> 'oid' from jsonb_array_elements(g.lines) l) as oids
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  return { trade: house.trade(tid), staged: staged.rows }
}

/** Ships an order of `lines` lines and waits until its write-back has ended. */
export async function writtenBack(house: ShippingHouse, lines: number) {
  const { id, tid, waybillNo } = await house.shipped({ lines })
  house.outbox()
  const state = await house.settled(id)
  return { tid, waybillNo, state, lines: house.trade(tid).lines }
}

/** Writes back an order, all of whose lines then left on the platform with the one waybill, each once. Returns these lines. */
export async function writtenBackOnce(house: ShippingHouse): Promise<Line[]> {
  const { state, lines, waybillNo } = await writtenBack(house, 2)
  assert.deepEqual([state.order, state.writeBack, state.errorCode], ['shipped', 'done', ''])
  assert.deepEqual(
    lines.map((line) => [line.status, line.waybill, line.shipments]),
    lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', waybillNo, 1]),
  )
  return lines
}

/** Loses the next answer of this method, which ships. The write-back still ends well, and the line is shipped once. */
export async function foundAfterLostAnswer(house: ShippingHouse, method: string): Promise<void> {
  await house.control('faults', { kind: 'timeout-after', method, ms: 20, count: 1 })
  const { state, lines } = await writtenBack(house, 1)
  assert.deepEqual([state.writeBack, state.action], ['done', 'succeeded'])
  assert.deepEqual(
    lines.map(({ shipments }) => shipments),
    [1],
  )
  assert.deepEqual(house.sandbox.sandbox.board.faults, [])
}

/** A refund that waits for the seller. `word`: its status in the platform's words; `seen`: what an answer to it says of it. */
export type OpenRefund = { word: string; seen: Seen }

/** Opens a refund of the first line of each order on the platform, and runs the list of refunds. Returns them as they are with us, where no others are open. */
export async function openedRefunds(
  { house, context }: AppShop,
  orders: readonly { tid: string }[],
): Promise<OpenRefund[]> {
  for (const { tid } of orders) await house.control('refunds', { tid, kind: 'REFUND' })
  await sleep(1100)
  await runRefundList(await context())
  const staged = await sql<{ tid: string; oid: string; kind: string; word: string; seen: Seen }>`
    select tid, oid, kind, platform_status as word,
      json_build_object('id', id::text, 'version', version::text, 'amountFen', amount_fen) as seen
    from staged_refund where status = 'applied'`.execute(house.db)
  assert.equal(staged.rows.length, orders.length)
  return orders.map((order) => {
    const { oid, kind, word, seen } = staged.rows.find(({ tid }) => tid === order.tid) ?? assert.fail()
    assert.deepEqual([oid, kind], [house.trade(order.tid).lines[0]?.oid, 'refund_only'])
    return { word, seen }
  })
}

const by = { actor: packer, scope: wholeScope }

export const agree = ({ run, ring }: ShippingHouse, { seen }: OpenRefund) =>
  run((tx) => agreeRefunds(tx, ring, { seen: [seen], request: {} }, by))

export const refuse = ({ run, ring }: ShippingHouse, { seen }: OpenRefund, request: RefuseRequest) =>
  run((tx) => refuseRefunds(tx, ring, { seen: [seen], request }, by))

/** Tests that the lines of the first staged trade have the numbers of order and SKU, and the payments of the platform's own lines. */
export async function assertLinesOfOrderAndSku(shop: AppShop): Promise<void> {
  const { trade, staged } = await firstStaged(shop, { type: 'fixed' })
  const oids = trade.lines.map(({ sku }) => `${trade.tid}-${sku?.skuId}`)
  assert.deepEqual(staged, [{ tid: trade.tid, state: 'staged', status: 'paid', oids }])
  const lines = await sql<{ paid: number[] }>`
    select array(select (l ->> 'paymentFen')::int from jsonb_array_elements(lines) l) as paid from staged_trade_lines`.execute(
    shop.house.db,
  )
  assert.deepEqual(lines.rows, [{ paid: paidOf(trade) }])
}

/** What the buyer pays for each line of a trade on the platform. */
const paidOf = ({ lines }: Trade): number[] =>
  lines.map(({ price, num, discount, adjust, share }) => price * num + adjust - discount - share)

/** Tests that the first staged trade has the numbers, the payments and the freight of the platform's own lines. */
export async function assertLinesOfPlatform(shop: AppShop): Promise<void> {
  const { trade, staged } = await firstStaged(shop, { type: 'fixed', postFee: 600 })
  const oids = trade.lines.map(({ oid }) => oid)
  assert.deepEqual(staged, [{ tid: trade.tid, state: 'staged', status: 'paid', oids }])
  const money = await sql<{ paid: number[]; freight: number }>`
    select array(select (l ->> 'paymentFen')::int from jsonb_array_elements(g.lines) l) as paid, t.post_fee_fen::int as freight
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(shop.house.db)
  assert.deepEqual(money.rows, [{ paid: paidOf(trade), freight: 600 }])
}

/** Tests that the parcel of an order whose money the seller has given back is not written back. */
export async function assertGivenBackStopsWriteBack(house: ShippingHouse): Promise<void> {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('refunds', { tid, kind: 'REFUND', num: house.trade(tid).lines[0]?.num })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'refund_open'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ status, shipments }) => [status, shipments]),
    [['TRADE_CLOSED', 0]],
  )
}

/** Tests that money which the seller gives back of a line comes as a refund of this line that is paid back already. */
export async function assertRefundOfSeller({ house, context }: AppShop): Promise<void> {
  const { tid } = await house.order({ lines: 2 })
  const [line = assert.fail()] = house.trade(tid).lines
  await house.control('refunds', { tid, kind: 'REFUND', num: line.num })
  await sleep(1100)
  await runRefundList(await context())
  const { rows } = await sql<{ oid: string; status: string; kind: string }>`
    select oid, status, kind from staged_refund where tid = ${tid}`.execute(house.db)
  assert.deepEqual(rows, [{ oid: line.oid, status: 'succeeded', kind: 'refund_only' }])
}

/** A memo with its flag that was written to the platform, as it came back. */
export async function memoComesBack(house: ShippingHouse, order: { id: string; tid: string }, memo: string) {
  await writeMemo(house, order, { memo, flag: 0 })
  await sendAnswers(house)
  const there = house.trade(order.tid)
  await house.download(order.tid)
  const { rows } = await sql<{ memo: string; message: string; flag: number }>`
    select seller_memo as memo, buyer_message as message, flag from staged_trade where tid = ${order.tid}`.execute(
    house.db,
  )
  return { there: there.memo, here: rows }
}

/** Tests that the parcel of an order with an open refund is not written back. Returns the order's trade number. */
export async function assertRefundStopsWriteBack(house: ShippingHouse): Promise<string> {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('refunds', { tid })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'refund_open'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ status, shipments }) => [status, shipments]),
    [['WAIT_SELLER_SEND_GOODS', 0]],
  )
  return tid
}

/** Lets a buyer take a refund back after it was staged. Returns what we then have of it: "closed", and the platform's word. */
export async function takenBack(shop: AppShop): Promise<string[]> {
  const { status, word } = await changedLater(shop, 'close')
  return [status, word]
}

/** Lets a buyer change a refund a day after it was staged. Returns what we then have of it. */
export async function changedLater(
  { house, context }: AppShop,
  act: 'close' | 'reopen',
  lessFen = 0,
): Promise<{ status: string; word: string; lessFen: number }> {
  const { tid } = await house.order({ lines: 1 })
  await house.control('refunds', { tid })
  const [refund = assert.fail()] = house.trade(tid).refunds
  const listed = async () => {
    await sleep(1100)
    await runRefundList(await context())
  }
  await listed()
  const { fee } = refund
  // A list may be read again from where changes could have come late.
  refund.created -= 86_400
  await house.control(`refunds/${refund.id}/${act}`, act === 'reopen' ? { fee: fee - lessFen } : {})
  await listed()
  const { rows } = await sql<{ status: string; word: string; lessFen: number }>`
    select status, platform_status as word, (${fee} - amount_fen)::int as "lessFen"
    from staged_refund where refund_no = ${refund.id}`.execute(house.db)
  return rows[0] ?? assert.fail()
}

/** The answers and remarks that the platform got, each as "refuse true" with what `detail` names of it. */
export const answersAt = (
  { sandbox }: ShippingHouse,
  detail: (of: Record<string, unknown>) => readonly unknown[],
): string[] =>
  sandbox.world.deeds
    .filter(({ action }) => ['agree', 'refuse', 'memo'].includes(action))
    .map((deed) => [deed.action, deed.accepted, ...detail(deed.detail)].filter(Boolean).join(' '))
    .toSorted()

/** What a refusal is to name and to show. */
export const reasonsToRefuse = ({ db, ring }: ShippingHouse, { seen }: Pick<OpenRefund, 'seen'>) =>
  readRefuseReasons({ db, ring, connectors, simulator: true }, seen.id, wholeScope)

export const writeMemo = ({ run, ring }: ShippingHouse, { id }: { id: string }, change: MemoChange) =>
  run((tx) => writeMemos(tx, ring, { ids: [id], change }, by))

/** Ends the token of the shop on the platform, and returns the context of the next list run. */
export async function withEndedToken({ house, context }: AppShop) {
  await house.control('expire-session', { shop: keyOf(house) })
  return context()
}

export async function authOf({ db }: ShippingHouse): Promise<string[]> {
  const shops = await sql<{ auth: string }>`select auth_state as auth from shop`.execute(db)
  return shops.rows.map(({ auth }) => auth)
}

/** Downloads a shop with trades and refunds of every kind, and compares it with the platform's books. Returns the trades there besides. `happens`: what happens there before. */
export async function comparedWithItsBooks(
  platform: Platform,
  trades: number,
  happens: (sandbox: RunningSandbox) => Promise<void> = async () => {},
): Promise<{ found: Checked; platformTrades: Trade[] }> {
  await using shop = await openShop(platform, trades)
  await happens(shop.sandbox)
  await sleep(1100)
  for (const run of [runTradeList, runRefundList]) {
    const opened = await shop.aRun({ firstLoadDays: 2, windowsPerRun: 500 })
    await run({ ...opened, connector: withoutLag(opened.connector) })
  }
  const found = await check({ sandboxUrl: shop.sandbox.url, databaseUrl: shop.databaseUrl })
  const platformTrades = shop.sandbox.world.shops.flatMap((one) => [...one.trades.values()])
  return { found, platformTrades }
}

const opened = (house: ShippingHouse, shopId = house.shopId, hooks = {}) =>
  openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, shopId, hooks)

function runsOf(house: ShippingHouse) {
  let fence = 0
  return async () => {
    fence += 1
    const shop = await opened(house)
    const run = aRun(house.db, { firstLoadDays: 1, windowsPerRun: 200 })
    const ids = { runId: String(fence), fence: String(fence) }
    return Object.assign(shop, run, { connector: withoutLag(shop.connector), ...ids })
  }
}

/** Removes the platform lag, because the lists of the simulator are never late. */
const withoutLag = ({ trades, refunds, ...connector }: Connector): Connector => ({
  ...connector,
  trades: { ...trades, changed: { ...trades.changed, lagMs: 0 } },
  refunds: { ...refunds, changed: { ...refunds.changed, lagMs: 0 } },
})

/** Sends the answers to refunds and the memos that wait, and settles when none is open. */
export async function sendAnswers(house: ShippingHouse): Promise<void> {
  const outbox = startOutbox({
    db: house.db,
    log: pino({ level: 'silent' }),
    pollMs: 20,
    handlers: intakeActions.map((handler) => ({ ...handler, lookAfterSeconds: 0 })),
    openShop: (id, hooks) => opened(house, id, hooks),
  })
  try {
    await until(async () => {
      const open = await sql`
        select from platform_action where kind <> 'trade.ship' and state in ('pending', 'sending', 'unknown')`.execute(
        house.db,
      )
      return open.rows.length === 0
    })
  } finally {
    await outbox.stop()
  }
}
