import type { Routes } from '../../core/http/http.ts'
import { route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { outcomes } from '../../core/lists/list-contract.ts'
import { candidateList, claimInput, parcelInput } from '../parcels/parcel-contract.ts'
import { claimParcels, registerParcels } from '../parcels/parcels.ts'
import { viewCandidates } from './view.ts'

type App = Parameters<Routes>[0]
const tags = ['returns']
const response = { 200: outcomes }

export function parcelRoutes(app: App): void {
  viewRoutes(app)
  verbRoutes(app)
}

function viewRoutes(app: App): void {
  const { db } = app
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
