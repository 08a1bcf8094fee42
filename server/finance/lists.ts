import { type RawBuilder, sql } from 'kysely'
import { defineList } from '../core/lists/define.ts'
import { pasted, split, wrong } from '../core/lists/define-query.ts'
import { idFacet } from '../lib/facets.ts'
import { extraRefundRow, settlementRow } from './contract.ts'
import { extraRefundRows } from './extra-refunds.ts'
import { settlementKinds } from './lifecycle.ts'
import { billTradeList, extraRefundList, settlementList } from './lists-contract.ts'
import { billTradeRow } from './recon-contract.ts'
import { billTradeRows, tidsOfDay } from './recon-rows.ts'
import { settlementRows } from './settlement-rows.ts'

const shopFacet = (shop: string) => idFacet('shop', shop)

/** Shop and kind become facets and also conditions, because the index for totals has both columns. */
export const settlements = defineList(settlementList, {
  tag: 'finance',
  table: {
    name: 'settlement',
    group: { column: 'status' },
    shopFacet,
    sorts: { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } },
  },
  scope: { shop: 'shop_id' },
  row: settlementRow,
  rows: settlementRows,
  where: {
    shop: (shops) => sql`t.shop_id = any(${split(shops)}::bigint[])`,
    kind: (kinds) => sql`t.kind_no = any(${split(kinds).map(kindNo)}::smallint[])`,
    q: (text) => (text === '' ? undefined : numbersAre([text])),
    numbers: (text) => numbersAre(pasted(text, 'numbers')),
  },
})

export const billTrades = defineList(billTradeList, {
  tag: 'finance',
  table: {
    name: 'bill_trade',
    group: { column: 'standing' },
    shopFacet,
    sorts: { at: { value: sql`t.at`, cast: 'timestamptz' } },
  },
  scope: { shop: 'shop_id' },
  row: billTradeRow,
  rows: billTradeRows,
  where: {
    day: (day, _, { shop }) => movedOn(day, String(shop)),
    q: (text) => (text === '' ? undefined : sql`t.tid = ${text}`),
  },
})

export const extraRefunds = defineList(extraRefundList, {
  tag: 'extra refunds',
  table: {
    name: 'extra_refund',
    group: { column: 'status' },
    sorts: { id: { value: sql`t.id`, cast: 'int8' } },
  },
  scope: { shop: 'shop_id' },
  row: extraRefundRow,
  rows: extraRefundRows,
})

export const financeLists = [settlements, billTrades, extraRefunds]

/** Condition for trades with money on this day. It requires exactly one shop, because both indexes begin with the shop. */
function movedOn(day: string, shop: string): RawBuilder<unknown> {
  if (!/^[1-9]\d*$/.test(shop)) wrong('shop')
  return sql`t.tid in (${tidsOfDay(shop, day)})`
}

const kindNo = (name: string) => Object.entries(settlementKinds).find(([kind]) => kind === name)?.[1].no

/**
 * Condition for settlements with one of these numbers, as one query for each kind of number, so that each query uses the index of its kind.
 * An order number is found as the source of the order's receivable; the order id of the receivable gives the order's other settlements.
 */
function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map((one) => (/^(so|st|er)\d+$/i.test(one) ? one.toUpperCase() : one))
  return sql`t.id in (
    select id from settlement where no = any(${numbers}::text[])
    union all select id from settlement where source = any(${numbers}::text[])
    union all select id from settlement where tid = any(${numbers}::text[])
    union all select id from settlement where order_id in (
      select order_id from settlement where source = any(${numbers}::text[]) and source = order_no))`
}
