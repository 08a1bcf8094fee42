import { skuNames } from '../../catalog/names.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { defineOwnList } from '../../core/lists/define.ts'
import type { Asking } from '../../core/lists/define-query.ts'
import { capped, countCap } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { type WaveView, waveRow } from './contract.ts'
import { type WaveFilter, waveCounts, waveIds, waveSummaries } from './list-queries.ts'
import { waveList } from './lists-contract.ts'

type Asked = { warehouse?: string | undefined; courier?: string | undefined; q?: string | undefined }

export const waves = defineOwnList(waveList, {
  tag: 'fulfilment',
  row: waveRow,
  async page({ db, scope }: Asking, { tab = 'running', ...filter }, { after, limit }) {
    if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after))
      throw new AppError('invalid_cursor', {}, 'after')
    const page = { after: after ?? null, limit: limit + 1 }
    const ids = await waveIds(db, tab, filterOf(filter, scope), page)
    const rows = await viewWaves(db, ids.slice(0, limit))
    return { rows, next: ids.length > limit ? (ids[limit - 1] ?? null) : null }
  },
  async counts({ db, scope }, filter: Asked) {
    const { running, today, stopped, all } = await waveCounts(db, filterOf(filter, scope), countCap)
    return {
      running: capped(running),
      today: capped(today),
      stopped: capped(stopped),
      all: capped(all),
    }
  },
})

const filterOf = ({ warehouse, courier, q }: Asked, scope: Scope): WaveFilter => ({
  scope,
  warehouse: warehouse?.split(',') ?? null,
  courier: courier?.split(',') ?? null,
  q: q?.trim() ?? null,
})

export async function viewWaves(db: Database, ids: readonly string[]): Promise<WaveView[]> {
  const rows = await waveSummaries(db, ids)
  const names = await skuNames(
    db,
    rows.flatMap(({ firstSku }) => firstSku ?? []),
  )
  return rows.map(({ firstSku, ...row }) => ({
    ...row,
    pictureUrl: names.get(firstSku ?? '')?.pictureUrl ?? '',
  }))
}
