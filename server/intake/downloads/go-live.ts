import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { split } from '../../core/lists/define-query.ts'
import { countRows } from '../../core/lists/list.ts'
import type { CappedCount } from '../../core/lists/list-table.ts'
import { sharedMs } from '../../lib/clock.ts'
import { dayMs } from '../../lib/time.ts'
import type { TradeReason } from '../lifecycle.ts'
import { tradeReasonFacet } from '../staged/trade-columns.ts'
import { tradeTable } from '../trades/trade-list.ts'
import { type GoLivePreview, goLivePreview, goLiveQuery } from './go-live-contract.ts'

export const goLiveRoutes: Routes = async (app) => {
  app.get(
    '/api/go-live-preview',
    route('shops.read', 'What a go-live time would let convert, for each shop', {
      querystring: goLiveQuery,
      response: { 200: goLivePreview },
    }),
    async ({ query: { shop, at }, scope }) => ({
      rows: await previewGoLive(app.db, split(shop), new Date(at), scope),
    }),
  )
}

/**
 * Returns two counts for each shop: its trades paid in the last 30 days, and its staged trades paid since `at`, which would convert with
 * this go-live time.
 */
export async function previewGoLive(
  db: Database,
  shopIds: readonly string[],
  at: Date,
  scope: Scope,
): Promise<GoLivePreview['rows']> {
  const rows: GoLivePreview['rows'] = []
  for (const shopId of shopIds.filter((id) => inScope(scope, id))) {
    const recent = await count(db, shopId, {
      groups: ['staged', 'converted', 'processed'],
      since: new Date(sharedMs() - 30 * dayMs),
    })
    const convertible = await count(db, shopId, {
      groups: ['staged'],
      since: at,
      reasons: ['', 'before_go_live'],
    })
    rows.push({ shopId, recent, convertible })
  }
  return rows
}

function count(
  db: Database,
  shopId: string,
  {
    groups,
    since,
    reasons,
  }: { groups: readonly string[]; since: Date; reasons?: readonly (TradeReason | '')[] | undefined },
): Promise<CappedCount> {
  return countRows(db, tradeTable, {
    groups,
    shops: [shopId],
    facets: reasons ? [reasons.map(tradeReasonFacet)] : [],
    ranges: [{ on: 'paidAt', from: since.toISOString() }],
    where: [],
    sort: 'paidAt',
    descending: true,
  })
}
