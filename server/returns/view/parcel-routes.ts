import type { Routes } from '../../core/http/http.ts'
import { route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { countExactly, countRows, listIds } from '../../core/lists/list.ts'
import { exactCount, outcomes, tabCounts } from '../../core/lists/list-contract.ts'
import {
  candidateList,
  claimInput,
  parcelFilter,
  parcelInput,
  parcelList,
  parcelListQuery,
  parcelTabs,
} from '../parcels/parcel-contract.ts'
import { claimParcels, registerParcels } from '../parcels/parcels.ts'
import { parcelQuery, parcelTable } from './return-list.ts'
import { viewCandidates, viewParcels } from './view.ts'

type App = Parameters<Routes>[0]
const tags = ['returns']
const response = { 200: outcomes }

export function parcelRoutes(app: App): void {
  listRoutes(app)
  verbRoutes(app)
}

function listRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/unclaimed-parcels',
    route('returns.read', 'Parcels that nobody knows the owner of', {
      tags,
      querystring: parcelListQuery,
      response: { 200: parcelList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, parcelTable, parcelQuery(filter, scope, sort), { limit, after })
      return { rows: await viewParcels(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/unclaimed-parcels/counts',
    route('returns.read', 'How many, by tab', {
      tags,
      querystring: parcelFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        parcelTabs.map(async (tab) => {
          const asked = parcelQuery({ ...query, tab }, scope, undefined)
          return [tab, await countRows(db, parcelTable, asked)] as const
        }),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/unclaimed-parcels/count',
    route('returns.read', 'How many exactly', {
      tags,
      querystring: parcelFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, parcelTable, parcelQuery(query, scope, undefined)),
    }),
  )
  app.get(
    '/api/unclaimed-parcels/:id/candidates',
    route(
      'returns.read',
      'Whose a parcel may be',
      { tags, params: idParams, response: { 200: candidateList } },
      ['not_found'],
    ),
    ({ params, scope }) => viewCandidates(db, params.id, scope),
  )
}

function verbRoutes(app: App): void {
  const { db, ring } = app
  app.post(
    '/api/unclaimed-parcels',
    route('returns.receive', 'Register parcels without an owner', { tags, body: parcelInput, response }),
    async ({ body, actor, scope }) => {
      const parcels = body.parcels.map(
        ({ courier = '', waybillNo = '', phone = '', note = '', warehouseId, lines }) => ({
          warehouseId,
          courier,
          waybillNo: waybillNo.toUpperCase(),
          phone: phone.replace(/[ -]/g, ''),
          note: note.trim(),
          lines,
        }),
      )
      return {
        results: await db.transaction().execute((tx) => registerParcels(tx, ring, parcels, { actor, scope })),
      }
    },
  )
  app.post(
    '/api/unclaimed-parcels/claim',
    route('returns.receive', 'Match parcels with their returns', { tags, body: claimInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db
        .transaction()
        .execute((tx) => claimParcels(tx, body.claims, 'person', { actor, scope })),
    }),
  )
}
