import { sql } from 'kysely'
import { saveSkus } from '../catalog/skus/save-skus.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { textHash } from '../lib/text-hash.ts'
import { approveDocuments, createDocument, postDocuments } from './documents/documents.ts'

export type DemoGoods = { code: string; productCode: string; name: string; spec: string; priceFen: number }

const actor = { ...systemActor, name: '演示' }

/**
 * Inserts two warehouses with stock, once. Most of the listed goods are known and in stock, some are not matched, and of some there are
 * only a few pieces, so that every page has something to show.
 */
export async function stockDemo(db: Database, goods: readonly DemoGoods[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (!(await makeWarehouses(tx))) return
    const known = distinct(goods).filter(({ code }) => textHash(code) % 12 !== 0)
    await saveSkus(tx, known.map(weighed), actor)
    await putOnShelf(tx, 'HZ', known, (hash) => (hash % 9 === 0 ? 3 : 120 + (hash % 400)))
    await putOnShelf(
      tx,
      'GZ',
      known.filter(({ code }) => textHash(code) % 2 === 0),
      (hash) => 40 + (hash % 90),
    )
  })
}

async function makeWarehouses(tx: Tx): Promise<boolean> {
  const made = await sql`
    insert into warehouse (code, name, kind, province, city, priority)
    select * from (values ('HZ', '杭州仓', 'own', '浙江省', '杭州市', 10), ('GZ', '广州仓', 'own', '广东省', '广州市', 20)) as given
    where not exists (select from warehouse)
    returning id`.execute(tx)
  return made.rows.length > 0
}

const weighed = (goods: DemoGoods) => {
  const hash = textHash(goods.code) >>> 4
  return { ...goods, weightG: hash % 15 === 0 ? null : 400 + (hash % 81) * 50 }
}

function distinct(goods: readonly DemoGoods[]): DemoGoods[] {
  return [...new Map(goods.toReversed().map((one) => [one.code, one])).values()]
}

async function putOnShelf(
  tx: Tx,
  warehouse: string,
  goods: readonly DemoGoods[],
  pieces: (hash: number) => number,
): Promise<void> {
  const found = await sql<Row<'warehouse', 'id'>>`select id from warehouse where code = ${warehouse}`.execute(
    tx,
  )
  const lines = goods.map(({ code }) => ({ skuCode: code, quantity: pieces(textHash(code) >>> 8) }))
  if (lines.length === 0) return
  const input = { warehouseId: found.rows[0]?.id ?? '', note: '期初库存', lines }
  const id = await createDocument(tx, 'adjustment', input, { actor, scope: wholeScope })
  await approveDocuments(tx, [id], { actor, scope: wholeScope })
  await postDocuments(tx, [id], { actor, scope: wholeScope })
}
