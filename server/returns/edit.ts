import { sql } from 'kysely'
import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
import { enqueueWaybillMatch, noSuchWarehouse } from './create.ts'
import { type ExchangeTime, whyNotEdited } from './lifecycle.ts'
import { addReturnEvents } from './queries.ts'
import { answerReturns, lockReturns } from './transition.ts'
import { returnWarehouses } from './warehouses.ts'

export type ReturnEdit = {
  courier?: string | undefined
  waybillNo?: string | undefined
  warehouseId?: string | undefined
  reason?: string | undefined
  exchangeWhen?: ExchangeTime | undefined
}

/** 修改: changes courier, waybill, warehouse, reason or exchange time until goods are received. */
export async function editReturns(
  tx: Tx,
  ids: readonly string[],
  edit: ReturnEdit,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const { courier, waybillNo, warehouseId, reason, exchangeWhen } = edit
  const held = await lockReturns(tx, ids, scope)
  const known = await returnWarehouses(tx, warehouseId === undefined ? [] : [warehouseId], scope)
  const outcomes = answerReturns(
    ids,
    held,
    ({ status }) =>
      whyNotEdited(status) ??
      (warehouseId === undefined || known.has(warehouseId) ? undefined : noSuchWarehouse),
  )
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  if (done.length === 0) return outcomes
  await sql`
    update return_order set version = version + 1, courier = coalesce(${courier ?? null}, courier),
      waybill_no = coalesce(${waybillNo ?? null}, waybill_no), warehouse_id = coalesce(${warehouseId ?? null}::bigint, warehouse_id),
      reason = coalesce(${reason ?? null}, reason), exchange_when = coalesce(${exchangeWhen ?? null}, exchange_when)
    where id = any(${done}::bigint[])`.execute(tx)
  const fields = Object.entries(edit).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  await addReturnEvents(
    tx,
    done.map((returnId) => ({ returnId, event: 'edited', detail: { fields, waybillNo: waybillNo ?? '' } })),
    actor,
  )
  if (waybillNo) await enqueueWaybillMatch(tx, [waybillNo])
  return outcomes
}
