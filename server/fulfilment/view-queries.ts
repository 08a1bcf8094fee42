import { sql } from 'kysely'
import { type Database, preparedStatement } from '../core/db/db.ts'
import type { Row, RowFor } from '../core/db/rows.ts'
import type { DeliveryView } from './contract.ts'
import { keptFor, packagesLeft, packagesOf } from './numbers.ts'
import { workStateOf } from './queries.ts'

export type OwnFacts = Omit<
  DeliveryView,
  | 'label'
  | 'numberRefusal'
  | 'orderCourier'
  | 'flag'
  | 'sellerMemo'
  | 'receiverMasked'
  | 'region'
  | 'quantity'
  | 'openHolds'
  | 'holdReasons'
  | 'lineCount'
  | 'lines'
> &
  Row<'delivery', 'labelled'>

export async function deliveryRows(db: Database, ids: readonly string[]): Promise<OwnFacts[]> {
  const found = await sql<RowFor<'delivery', OwnFacts>>`${preparedStatement}
    select t.id, t.no, t.order_id as "orderId", t.order_no as "orderNo", t.tid, t.shop_id as "shopId", t.status, ${workStateOf('t')} as "workState", t.courier,
      t.waybill_no as "waybillNo", t.package_count as "packageCount", ${packagesLeft('t')} as "packagesLeft",
      array(select p.waybill_no from ${packagesOf('t')} p order by p.nth) as "packageNos", t.ship_by as "shipBy", t.write_back as "writeBack", t.error_code as "errorCode",
      t.platform_waybill as "platformWaybill", t.shown_courier as "shownCourier", t.shown_waybill as "shownWaybill", coalesce(b.waybill_no, '') as "keptNo", coalesce(b.error, '') as "keptError",
      t.action_id as "actionId", a.state as "actionState", coalesce(a.error, '') as "actionError",
      coalesce(case when u.answered_at is null then case when u.delivery_id is not null then 'waiting' end else u.outcome end, '') as unasked,
      t.labelled, coalesce(n.state, '') as "numberState", coalesce(n.error, '') as "numberError",
      t.ship_steps as "shipSteps", coalesce((
        select count(*)::int as times from waybill w join print_document p on p.waybill_id = w.id
        where w.courier = t.courier and w.waybill_no = t.waybill_no and w.waybill_no <> '' and p.state = 'printed'
        group by p.nth order by 1 desc limit 1), 0) as "printCount",
      t.printed_at as "printedAt", t.printed_by as "printedBy", t.picked_at as "pickedAt", t.picked_by as "pickedBy",
      coalesce(v.no, '') as "waveNo", coalesce(t.basket, v.basket) as basket, t.checked_at as "checkedAt", t.checked_by as "checkedBy",
      array(select s.serial from delivery_serial s where s.delivery_id = t.id order by s.line_no, s.scanned_at, s.serial) as serials,
      t.weighed_at as "weighedAt", t.weighed_by as "weighedBy", t.weight_grams as "weightGrams",
      t.created_at as "createdAt", t.created_by as "createdBy", t.shipped_at as "shippedAt", t.shipped_by as "shippedBy",
      t.cancelled_at as "cancelledAt", t.cancelled_by as "cancelledBy", k.state as "trackState", k.moved_at as "trackAt",
      case when k.account_id is not null then 'account' when k.asked_at is not null then 'platform' else '' end as "trackedBy"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join delivery t on t.id = i.id
    left join platform_action a on a.id = t.action_id
    left join lateral (
      select case when w.state in ('asked', 'failed') or w.waybill_no = t.waybill_no then w.state end as state, w.error
      from waybill w where w.delivery_id = t.id and w.wanted order by w.round desc limit 1
    ) n on n.state in ('asked', 'taken', 'failed') and (n.state <> 'failed' or t.waybill_no = '')
    left join parcel_track k on k.delivery_id = t.id and t.status = 'shipped' and k.waybill_no = t.waybill_no
      and (k.asked_at is not null or k.account_id is not null)
    left join lateral (
      select w.no, case when w.sorting <> 'none' then m.basket end as basket from wave w
      left join wave_delivery m on m.wave_id = w.id and m.delivery_id = t.id and m.live
      where w.id = coalesce(t.wave_id, (select wave_id from wave_delivery where delivery_id = t.id and live))
    ) v on true
    left join lateral (
      select w.waybill_no, w.error ${keptFor('t')} order by w.id desc limit 1
    ) b on t.write_back = 'failed'
    left join unasked_parcel u on u.delivery_id = t.id and u.round = t.round
    order by i.n`.execute(db)
  return found.rows
}
