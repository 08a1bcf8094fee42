import { type RawBuilder, sql } from 'kysely'
import { skuGoods } from '../../catalog/relations.ts'
import { defineList } from '../../core/lists/define.ts'
import { pasted } from '../../core/lists/define-query.ts'
import { idFacet } from '../../lib/facets.ts'
import { withGoods } from '../../orders/list/glance.ts'
import { asNumber } from '../lifecycle.ts'
import { interceptRow, putBackRow } from './aftersale-contract.ts'
import { viewIntercepts, viewPutBacks } from './aftersale-view.ts'
import { interceptList, putBackList } from './lists-contract.ts'

const common = {
  tag: 'fulfilment',
  scope: { shop: 'shop_id', warehouse: 'warehouse_id' },
}
const byState = {
  group: { column: 'state' },
  shopFacet: (shop: string) => idFacet('shop', shop),
}
const createdAt = { value: sql`t.created_at`, cast: 'timestamptz' } as const

export const intercepts = defineList(interceptList, {
  ...common,
  table: {
    ...{ name: 'intercept', ...byState },
    sorts: {
      deadline: { value: sql`coalesce(t.deadline, 'infinity'::timestamptz)`, cast: 'timestamptz' },
      createdAt,
    },
  },
  row: interceptRow,
  rows: viewIntercepts,
  sheetRows: async (db, ids) => withGoods(db, await viewIntercepts(db, ids)),
  where: {
    q: (text) => (text === '' ? undefined : numbersAre([text])),
    numbers: (text) => numbersAre(pasted(text, 'numbers')),
  },
})

export const putBacks = defineList(putBackList, {
  ...common,
  table: { name: 'put_back', ...byState, sorts: { createdAt } },
  row: putBackRow,
  rows: viewPutBacks,
  where: {
    q: (text) => (text === '' ? undefined : sql`(${numbersAre([text])} or ${isOfSku(text)})`),
    numbers: (text) => numbersAre(pasted(text, 'numbers')),
  },
})

const isOfSku = (code: string) =>
  sql`t.sku_id in (select sku_id from ${skuGoods} as goods where goods.code = ${code})`

function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map(asNumber)
  const waybills = given.map((one) => one.toUpperCase())
  return sql`(t.delivery_no = any(${numbers}::text[]) or t.order_no = any(${numbers}::text[])
    or t.tid = any(${numbers}::text[]) or (t.waybill_no = any(${waybills}::text[]) and t.waybill_no <> ''))`
}
