import { type RawBuilder, sql } from 'kysely'
import { courierCodes } from '../connectors/couriers.ts'
import { defineList } from '../core/lists/define.ts'
import { pasted, split, wrong } from '../core/lists/define-query.ts'
import { idFacet } from '../lib/facets.ts'
import { withGoods } from '../orders/list/glance.ts'
import { deliveryRow } from './contract.ts'
import { isDeskAct, mayDo } from './desk/may-do.ts'
import { readSameGoods } from './goods-rules.ts'
import { intercepts, putBacks } from './intercepts/lists.ts'
import { asNumber, uncheckedOutcomes } from './lifecycle.ts'
import { deliveryList } from './lists-contract.ts'
import { deliveriesOfPackages } from './numbers.ts'
import { printDeskList } from './print-desk-contract.ts'
import { courierShown, goodsKey } from './queries.ts'
import { viewDeliveries } from './view.ts'
import { waves } from './waves/lists.ts'
import { withNumberRefusals } from './waybills/outlook.ts'

export const deliveries = defineList(deliveryList, {
  tag: 'fulfilment',
  table: {
    name: 'delivery',
    group: { column: 'standing' },
    shopFacet: (shop) => idFacet('shop', shop),
    sorts: {
      createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
      shipBy: { value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`, cast: 'timestamptz' },
      goods: { value: goodsKey, cast: 'int8' },
    },
  },
  scope: { shop: 'shop_id', warehouse: 'warehouse_id' },
  row: deliveryRow,
  rows: async (db, ids) => withNumberRefusals(db, await viewDeliveries(db, ids)),
  sheetRows: async (db, ids) => withGoods(db, await withNumberRefusals(db, await viewDeliveries(db, ids))),
  where: {
    courier: (asked) => {
      if (split(asked).some((code) => !Object.hasOwn(courierCodes, code))) wrong('courier')
      return sql`${courierShown} = any(${split(asked)}::text[])`
    },
    same: (asked) => {
      const goods = readSameGoods(asked) ?? wrong('same')
      return sql`${goodsKey} = ${goods.skuId}::bigint * 1000 + least(${goods.pieces}::int, 999) and t.piece_count = ${goods.pieces}`
    },
    shipped: (_, __, { shippedFrom: from = null, shippedTo: to = null }) => sql`t.status = 'shipped'
      and (${from}::timestamptz is null or t.shipped_at >= ${from}::timestamptz)
      and (${to}::timestamptz is null or t.shipped_at < ${to}::timestamptz)`,
    waybill: (asked) => (asked === 'yes' ? sql`t.waybill_no <> ''` : sql`t.waybill_no = ''`),
    may: (asked, asking) => mayDo(isDeskAct(asked) ? asked : wrong('may'), asking),
    unasked: (asked) => uncheckedIs(split(asked)),
    q: (text) => (text === '' ? undefined : numbersAre([text])),
    numbers: (text) => numbersAre(pasted(text, 'numbers')),
  },
})

/** 打单发货: the same rows on a page of their own, by their next step. */
const printDesk = { ...deliveries, declared: printDeskList }

export const fulfilmentLists = [deliveries, printDesk, intercepts, putBacks, waves]

/** Condition for deliveries that were shipped unchecked with one of these outcomes. They are rare and have a table of their own. */
function uncheckedIs(asked: readonly string[]): RawBuilder<unknown> {
  const known: readonly string[] = uncheckedOutcomes
  if (asked.some((state) => !known.includes(state))) wrong('unasked')
  return sql`t.id in (
    select u.delivery_id from unasked_parcel u join delivery of on of.id = u.delivery_id and of.round = u.round
    where case when u.answered_at is null then 'waiting' else u.outcome end = any(${[...asked]}::text[]))`
}

/**
 * Condition for deliveries with one of these numbers, as one query for each kind of number, so that each query uses the index of its kind.
 */
function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map(asNumber)
  const waybills = given.map((one) => one.toUpperCase())
  return sql`t.id in (
    select id from delivery where no = any(${numbers}::text[])
    union all select id from delivery where order_no = any(${numbers}::text[])
    union all select id from delivery where tid = any(${numbers}::text[])
    union all select id from delivery where waybill_no = any(${waybills}::text[]) and waybill_no <> '' and status <> 'cancelled'
    union all select id from (${deliveriesOfPackages(sql`${waybills}::text[]`)}) of_package)`
}
