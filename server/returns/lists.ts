import { type RawBuilder, sql } from 'kysely'
import { defineList } from '../core/lists/define.ts'
import { pasted } from '../core/lists/define-query.ts'
import { idFacet } from '../lib/facets.ts'
import { returnRow } from './contract.ts'
import { parcelList, returnList } from './lists-contract.ts'
import { parcelRow } from './parcels/parcel-contract.ts'
import { viewParcels, viewReturns } from './view/view.ts'

const sorts = { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } } as const

export const returns = defineList(returnList, {
  tag: 'returns',
  table: {
    name: 'return_order',
    group: { column: 'status' },
    shopFacet: (shop) => idFacet('shop', shop),
    sorts,
  },
  scope: { shop: 'shop_id', warehouse: 'warehouse_id' },
  row: returnRow,
  rows: viewReturns,
  where: {
    waybill: (asked) => (asked === 'yes' ? sql`t.waybill_no <> ''` : sql`t.waybill_no = ''`),
    problem: () => sql`t.open_problems > 0`,
    q: (text) => (text === '' ? undefined : numbersAre([text])),
    numbers: (text) => numbersAre(pasted(text, 'numbers')),
  },
})

/** A parcel belongs to no shop. */
const parcels = defineList(parcelList, {
  tag: 'returns',
  table: { name: 'unclaimed_parcel', group: { column: 'status' }, sorts },
  scope: { warehouse: 'warehouse_id' },
  row: parcelRow,
  rows: viewParcels,
  where: { q: (text) => (text === '' ? undefined : numberIs(text.toUpperCase())) },
})

export const returnLists = [returns, parcels]

const numberIs = (no: string) => sql`(t.no = ${no} or t.waybill_no = ${no} or t.return_no = ${no})`

/** Condition for returns with one of these numbers, as one query for each kind of number, so that each query uses the index of its kind. */
function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map((one) => (/^(rt|so)\d+$/i.test(one) ? one.toUpperCase() : one))
  const waybills = given.map((one) => one.toUpperCase())
  return sql`t.id in (
    select id from return_order where no = any(${numbers}::text[])
    union all select id from return_order where order_no = any(${numbers}::text[])
    union all select id from return_order where tid = any(${numbers}::text[])
    union all select id from return_order where refund_no = any(${numbers}::text[]) and refund_no <> ''
    union all select id from return_order where waybill_no = any(${waybills}::text[]) and waybill_no <> '')`
}
