import { skuNames } from '../../catalog/names.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { defineOwnList } from '../../core/lists/define.ts'
import type { Asking } from '../../core/lists/define-query.ts'
import { capped, countCap } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { type BinFilter, type BinPlace, binCounts, binPage, skusIn } from './bin-queries.ts'
import { versionOf } from './bin-version.ts'
import { type BinRow, binRow } from './contract.ts'
import { binList } from './lists-contract.ts'

type Asked = { q?: string | undefined; warehouse?: string | undefined }

/** The list of bins, in the order of warehouse and route. The cursor of a page contains these and the id. */
export const bins = defineOwnList(binList, {
  tag: 'stock',
  row: binRow,
  async page({ db, scope }: Asking, { tab = 'all', ...filter }, { after, limit }) {
    const place = after === undefined ? undefined : placeOf(after)
    const found = await binPage(db, tab, filterOf(filter, scope), {
      after: place,
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const next = found.length > limit && last ? `${last.warehouseId}-${last.route}-${last.id}` : null
    return { rows: await withGoods(db, page), next }
  },
  async counts({ db, scope }, filter: Asked) {
    const { all, empty, retired } = await binCounts(db, filterOf(filter, scope), countCap)
    return { all: capped(all), empty: capped(empty), retired: capped(retired) }
  },
})

const filterOf = ({ q, warehouse }: Asked, scope: Scope): BinFilter => ({
  scope,
  warehouse: warehouse?.split(','),
  text: q?.trim(),
})

function placeOf(text: string): BinPlace {
  const [warehouseId = '', route = '', id = ''] = text.split('-')
  if (!/^[1-9]\d{0,17}-\d{1,10}-[1-9]\d{0,17}$/.test(text)) throw new AppError('invalid_cursor', {}, 'after')
  return { warehouseId, route: Number(route), id }
}

async function withGoods(
  db: Database,
  rows: readonly Omit<BinRow, 'mains' | 'spares' | 'version'>[],
): Promise<BinRow[]> {
  const lying = await skusIn(
    db,
    rows.map(({ id }) => id),
  )
  const names = await skuNames(
    db,
    lying.map(({ skuId }) => skuId),
  )
  const byBin = Map.groupBy(lying, ({ binId }) => binId)
  const goodsOf = (id: string, spare: boolean) =>
    (byBin.get(id) ?? [])
      .filter((one) => one.spare === spare)
      .map(({ skuId }) => {
        const { code = skuId, name = '', spec = '' } = names.get(skuId) ?? {}
        return { skuId, code, name, spec }
      })
  return rows.map((row) => ({
    ...row,
    version: versionOf(row, byBin.get(row.id) ?? []),
    mains: goodsOf(row.id, false),
    spares: goodsOf(row.id, true),
  }))
}
