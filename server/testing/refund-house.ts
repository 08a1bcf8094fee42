import { sql } from 'kysely'
import type { Refund, Trade } from '../connectors/connector.ts'
import type { By } from '../core/access/actor.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
import { createQueues } from '../core/jobs/job.ts'
import type { Action, ActionOutcome } from '../core/outbox/handlers.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { shipDeliveries } from '../flows/ship.ts'
import { releaseOrders } from '../fulfilment/shipping/release.ts'
import { unshipDeliveries } from '../fulfilment/shipping/unship.ts'
import { setWaybills } from '../fulfilment/shipping/waybills.ts'
import { intakeActions } from '../intake/outbox.ts'
import { convertRefunds } from '../intake/refunds/convert-refunds.ts'
import { agreeRefunds } from '../intake/refunds/refund-actions.ts'
import { type IntakeFixture, intakeFixture, stage, tradeOf } from '../intake/testing.ts'
import { shipOverRefunds } from '../orders/refunds/ship-over.ts'
import { confirmOrders } from '../orders/review/confirm.ts'
import { jobs } from '../worker.ts'
import { aWaybill, deliveryOf } from './shipping.ts'
import { aWarehouse, putStock } from './stock.ts'

export type Seen = {
  status: string
  openHolds: number
  refund: string
  holds: string[]
  parcel: string | null
  delivery: string
  deliveryParcel: string | null
  waybill: boolean
}

type Verb = (tx: Tx, ids: string[], by: By) => Promise<Outcome[]>
type Short = (...ids: string[]) => Promise<string[]>

/**
 * A test fixture: staged trades, a warehouse with plenty of all goods, and the verbs from a trade to its parcel. Each verb returns `done`
 * or the code of its refusal.
 */
export type RefundHouse = {
  pool: IntakeFixture
  warehouseId: string
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  verb(one: Verb): Short
  confirm: Short
  release: Short
  ship: Short
  unship: Short
  /** Converts the trade and returns its order. */
  orderOf(trade: Trade): Promise<string>
  /** Confirms and releases the orders, and gives each a waybill. */
  packed(...ids: string[]): Promise<void>
  waybill(orderId: string): Promise<void>
  seen(id: string): Promise<Seen>
  stagedId(refundNo: string): Promise<string>
  convert(...refundNos: string[]): Promise<string[]>
  agree(refund: Refund): Promise<boolean | undefined>
  /** Ends the platform action of our last answer to a refund with this outcome, as the outbox does. */
  platformSays(refundNo: string, outcome: ActionOutcome): Promise<void>
  shipOver(id: string, reason?: string): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export async function aRefundHouse(): Promise<RefundHouse> {
  const pool = await intakeFixture()
  const { db } = pool
  await createQueues(db, jobs)
  const warehouseId = await aWarehouse(db)
  const skus = await sql<{ id: string }>`select id from sku`.execute(db)
  for (const { id } of skus.rows) await putStock(db, warehouseId, id, 1000)
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  const verb =
    (one: Verb): Short =>
    async (...ids) =>
      (await run((tx) => one(tx, ids, { actor: systemActor, scope: wholeScope }))).map((each) =>
        each.done ? 'done' : each.code,
      )
  const ofDeliveries =
    (one: Verb): Short =>
    async (...orderIds) =>
      verb(one)(...(await Promise.all(orderIds.map((id) => deliveryOf(db, id)))))
  const stagedId = async (refundNo: string) => {
    const found = await sql<{
      id: string
    }>`select id from staged_refund where refund_no = ${refundNo}`.execute(db)
    return found.rows[0]?.id ?? ''
  }
  const house: RefundHouse = {
    pool,
    warehouseId,
    run,
    verb,
    confirm: verb(confirmOrders),
    release: verb(releaseOrders),
    ship: ofDeliveries(shipDeliveries),
    unship: ofDeliveries(unshipDeliveries),
    stagedId,
    async orderOf(trade) {
      await stage(pool, trade)
      const [outcome] = await run(async (tx) =>
        convertTrades(tx, [(await tradeOf(pool, trade.tid))?.id ?? ''], {
          actor: systemActor,
          scope: wholeScope,
        }),
      )
      if (!outcome?.done) throw new Error(`the trade did not convert: ${JSON.stringify(outcome)}`)
      const order = await sql<{ id: string }>`
        select id from sales_order where tid = ${trade.tid} and origin = 'trade'`.execute(db)
      return order.rows[0]?.id ?? ''
    },
    async packed(...ids) {
      await house.confirm(...ids)
      const answers = await house.release(...ids)
      if (answers.some((one) => one !== 'done')) throw new Error(`not released: ${answers.join(' ')}`)
      for (const id of ids) await house.waybill(id)
    },
    async waybill(orderId) {
      const deliveryId = await deliveryOf(db, orderId)
      await run((tx) =>
        setWaybills(tx, [{ deliveryId, courier: 'SF', waybillNo: aWaybill() }], {
          actor: systemActor,
          scope: wholeScope,
        }),
      )
    },
    async seen(id) {
      const found = await sql<Seen>`
        select o.status, o.open_holds as "openHolds", case o.facets[4] % 67108864 when 1 then 'open' when 2 then 'succeeded' else '' end as refund,
          array(select h.source from order_hold h where h.order_id = o.id and h.reason = 'refund_open' and h.released_at is null order by 1) as holds,
          o.parcel, coalesce(d.status, '') as delivery, d.parcel as "deliveryParcel", coalesce(d.waybill_no, '') <> '' as waybill
        from sales_order o left join delivery d on d.order_id = o.id and d.status <> 'cancelled'
        where o.id = ${id}`.execute(db)
      const [row] = found.rows
      if (!row) throw new Error(`no order ${id}`)
      return row
    },
    async convert(...refundNos) {
      return verb(convertRefunds)(...(await Promise.all(refundNos.map(stagedId))))
    },
    async agree({ refundId, version, amountFen }) {
      const id = await stagedId(refundId)
      const { answers } = await run((tx) =>
        agreeRefunds(
          tx,
          pool.ring,
          { seen: [{ id, version, amountFen }], request: {} },
          { actor: systemActor, scope: wholeScope },
        ),
      )
      return answers.get(id)?.done
    },
    async platformSays(refundNo, outcome) {
      const id = await stagedId(refundNo)
      await run((tx) => endAnswers(tx, [{ id, outcome }]))
    },
    async shipOver(id, reason = '买家说不退了') {
      const by = { actor: systemActor, scope: wholeScope, request: { ip: '', id: '' } }
      const outcome = await run((tx) => shipOverRefunds(tx, id, reason, by))
      return outcome.done ? 'done' : outcome.code
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
  return house
}

/** Ends the newest platform action that agrees to, or refuses, each of these staged refunds with the refund's outcome. */
export async function endAnswers(
  tx: Tx,
  ends: readonly { id: string; outcome: ActionOutcome }[],
): Promise<void> {
  const found = await sql<Action>`
    with ended as (
      select distinct on (subject_id) id from platform_action
      where subject_id = any(${ends.map(({ id }) => id)}::text[]) and kind in ('refund.agree', 'refund.refuse') order by subject_id, id desc
    )
    select a.id, shop_id as "shopId", kind, subject_type as "subjectType", subject_id as "subjectId", idempotency_key as "idempotencyKey",
      payload, secret, 1 as attempt, created_by as "createdBy", created_at as "createdAt"
    from platform_action a join ended using (id)`.execute(tx)
  const ended = ends.map(({ id, outcome }) => {
    const action = found.rows.find(({ subjectId }) => subjectId === id)
    if (!action) throw new Error(`nobody answered ${id}`)
    return { action, outcome }
  })
  for (const { action, outcome } of ended)
    await sql`update platform_action set state = ${outcome.state} where id = ${action.id}`.execute(tx)
  for (const { kind, onResults } of intakeActions) {
    const own = ended.filter(({ action }) => action.kind === kind)
    if (own.length > 0) await onResults(tx, own)
  }
}

export const later = (refund: Refund, changes: Partial<Refund>): Refund => ({
  ...refund,
  version: String(Number(refund.version) + 1000),
  modifiedAt: new Date(refund.modifiedAt.getTime() + 1000),
  ...changes,
})
