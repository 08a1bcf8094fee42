import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { type Scope, systemActor, wholeScope } from '../core/access/actor.ts'
import { type Database, openDatabase, type Tx } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
import { createQueues } from '../core/jobs/job.ts'
import { shipDeliveries } from '../flows/ship.ts'
import { releaseOrders } from '../fulfilment/shipping/release.ts'
import { setWaybills } from '../fulfilment/shipping/waybills.ts'
import { type KeyRing, memoryKeyRing, seal } from '../lib/seal.ts'
import { reserveOrders } from '../orders/allocation/goods.ts'
import { applyRefunds } from '../orders/refunds/refunds.ts'
import { transition } from '../orders/status/transition.ts'
import { type ReturnParcel, syncReturns } from '../returns/following/follow.ts'
import { matchWaybills } from '../returns/parcels/parcels.ts'
import { type Receipt, receiveReturns } from '../returns/receiving/receive.ts'
import { jobs } from '../worker.ts'
import { testDatabase } from './database.ts'
import { anOrder, aRefund, aShop, matchGoods, type OrderInput } from './orders.ts'
import { must } from './run.ts'
import { aWaybill, deliveryOf, packer } from './shipping.ts'
import { aWarehouse, putStock, wrongInTheBooks } from './stock.ts'

export type ShippedOrder = { id: string; no: string; tid: string; deliveryId: string; waybillNo: string }
export type RefundSpec = Partial<Parameters<typeof aRefund>[0]> & Partial<ReturnParcel> & { tid: string }

/** A test fixture: a shop, a warehouse with plenty of its goods, and functions that ship goods and take them back. */
export type ReturnHouse = {
  db: Database
  ring: KeyRing
  shopId: string
  warehouseId: string
  skuId: string
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Ships an order; by default with two lines, of two pieces and of one. */
  shipped(more?: Partial<OrderInput>): Promise<ShippedOrder>
  /** Applies versions of refunds as converting does. */
  refund(...specs: RefundSpec[]): Promise<void>
  receive(receipts: readonly Receipt[], scope?: Scope): Promise<string[]>
  /** Returns the returns of an order, oldest first. */
  returnsOf(orderId: string): Promise<ReturnState[]>
  /** Runs the waiting jobs that match waybills. */
  match(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type ReturnState = {
  id: string
  no: string
  kind: string
  origin: string
  status: string
  version: number
  refundNo: string
  refundStatus: string
  amountFen: number
  waybillNo: string
  told: string
  openProblems: number
  exchangeOrderNo: string
  /** "line: quantity good defective" */
  lines: string[]
  events: string[]
}

export async function aReturnHouse(): Promise<ReturnHouse> {
  const base = await testDatabase()
  const open = openDatabase(base.url, { max: 12 })
  const { db } = open
  await createQueues(db, jobs)
  const ring = memoryKeyRing()
  const shopId = await aShop(db)
  const warehouseId = await aWarehouse(db, 1)
  const skuId = await matchGoods(db, shopId)
  await putStock(db, warehouseId, skuId, 1000)
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  return {
    db,
    ring,
    shopId,
    warehouseId,
    skuId,
    run,
    shipped: (more = {}) => {
      const personal = seal(ring, shopId, JSON.stringify({ nick: 'tb1', receiver: someone }))
      return shipOne(db, { shopId, personal, ...more })
    },
    refund: (...specs) =>
      run(async (tx) => {
        const refunds = specs.map((spec) => aRefund({ kind: 'return', shopId, ...spec }))
        const outcomes = await applyRefunds(tx, refunds, systemActor)
        const parcels = refunds.map(({ refundNo }, at) => {
          const { courier = '', waybillNo = '', reason = '' } = specs[at] ?? {}
          return { shopId, refundNo, courier, waybillNo, reason }
        })
        await syncReturns(
          tx,
          parcels.filter((_, at) => outcomes[at]?.done),
          systemActor,
        )
      }),
    receive: async (receipts, scope = wholeScope) =>
      codes(await run((tx) => receiveReturns(tx, receipts, { actor: packer, scope }))),
    returnsOf: (orderId) => returnStates(db, orderId),
    async match() {
      const waiting = await sql<{ waybillNo: string }>`
        delete from job where name = 'returns.match_parcels' returning data ->> 'waybillNo' as "waybillNo"`.execute(
        db,
      )
      await run((tx) =>
        matchWaybills(
          tx,
          waiting.rows.map(({ waybillNo }) => waybillNo),
        ),
      )
    },
    async [Symbol.asyncDispose]() {
      await open.close()
      await base[Symbol.asyncDispose]()
    },
  }
}

/** Makes, confirms, releases and ships an order. The shop's goods must be in stock. */
export async function shipOne(db: Database, input: OrderInput): Promise<ShippedOrder> {
  const order = await anOrder(db, input)
  await db.transaction().execute((tx) => reserveOrders(tx, [order.id]))
  return { ...order, ...(await sendOrder(db, order.id)) }
}

/** Confirms, releases and ships an order whose goods are reserved. */
export async function sendOrder(
  db: Database,
  orderId: string,
): Promise<Pick<ShippedOrder, 'deliveryId' | 'waybillNo'>> {
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  must(await run((tx) => transition(tx, [orderId], { event: 'confirm' }, packer)))
  must(await run((tx) => releaseOrders(tx, [orderId], { actor: packer, scope: wholeScope })))
  const deliveryId = await deliveryOf(db, orderId)
  const waybillNo = aWaybill()
  const rows = [{ deliveryId, courier: 'SF', waybillNo }]
  must(await run((tx) => setWaybills(tx, rows, { actor: packer, scope: wholeScope })))
  must(await run((tx) => shipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope })))
  return { deliveryId, waybillNo }
}

const someone = {
  name: '王一',
  mobile: '13800001234',
  phone: '',
  province: '浙江省',
  city: '杭州市',
  district: '',
  town: '',
  address: '一路 1 号',
  zip: '',
  token: '',
}

export const codes = (outcomes: readonly Outcome[]) => outcomes.map((one) => (one.done ? 'done' : one.code))

/** Reads the returns of an order. It uses its own SQL and none of the code under test. */
async function returnStates(db: Database, orderId: string): Promise<ReturnState[]> {
  const found = await sql<ReturnState>`
    select t.id, t.no, t.kind, t.origin, t.status, t.version, t.refund_no as "refundNo", t.refund_status as "refundStatus",
      t.amount_fen::int as "amountFen", t.waybill_no as "waybillNo", t.told, t.open_problems as "openProblems",
      t.exchange_order_no as "exchangeOrderNo",
      array(select format('%s: %s %s %s', order_line_no, quantity, good, defective) from return_line
            where return_id = t.id order by line_no) as lines,
      array(select event from return_event where return_id = t.id order by id) as events
    from return_order t where t.order_id = ${orderId} order by t.id`.execute(db)
  return found.rows
}

/** Returns what is wrong with returns, by SQL that does not use the verbs. Empty: nothing. */
export async function wrongInReturns(db: Database): Promise<string[]> {
  const found = await sql<{ wrong: string }>`
    select format('line %s/%s: %s came back of %s shipped', l.order_id, l.order_line_no, sum(l.good + l.defective), max(o.quantity - o.refunded_quantity)) as wrong
    from return_line l join order_line o on o.order_id = l.order_id and o.line_no = l.order_line_no
    group by l.order_id, l.order_line_no having sum(l.good + l.defective) > max(o.quantity - o.refunded_quantity)
    union all
    select format('return %s: lines say %s good %s defective, the return %s and %s', t.id, l.good, l.defective, t.good, t.defective)
    from return_order t cross join lateral (
      select sum(good) as good, sum(defective) as defective from return_line where return_id = t.id
    ) l where (l.good, l.defective) is distinct from (t.good::bigint, t.defective::bigint)
    union all
    select format('return %s: receipts say %s, the return %s', t.id, r.pieces, t.good + t.defective)
    from return_order t cross join lateral (
      select coalesce(sum(good + defective), 0) as pieces from return_receipt where return_id = t.id
    ) r where r.pieces <> t.good + t.defective
    union all
    select format('return %s: %s problems open, it says %s', t.id, p.open, t.open_problems)
    from return_order t cross join lateral (
      select count(*) as open from return_problem where return_id = t.id and settled_at is null
    ) p where p.open <> t.open_problems
    union all
    select format('return %s: %s moved, %s came', t.id, m.pieces, t.good + t.defective)
    from return_order t cross join lateral (
      select coalesce(sum(quantity), 0) as pieces from stock_movement where document_kind = 'return' and document_id = t.id
    ) m
    where m.pieces <> t.good + t.defective
      and not exists (select from unclaimed_parcel p where p.return_id = t.id and p.stocked_at is not null)`.execute(
    db,
  )
  return found.rows.map(({ wrong }) => wrong)
}

export async function assertSound(db: Database): Promise<void> {
  assert.deepEqual(await wrongInTheBooks(db), [])
  assert.deepEqual(await wrongInReturns(db), [])
}
