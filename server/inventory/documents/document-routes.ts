import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import {
  documentDetail,
  draftInput,
  madeDocument,
  newDocument,
  stockSheet,
  stockSheetAnswer,
} from '../contract.ts'
import { viewDocument } from './document-view.ts'
import { createDocument, rewriteDocument } from './documents.ts'
import { importStock } from './import.ts'

type App = Parameters<Routes>[0]
const tags = ['stock documents']

export const documentRoutes: Routes = async (app) => {
  readRoutes(app)
  writeRoutes(app)
}

function readRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/stock-documents/:id',
    route(
      'inventory.read',
      'A stock document with its lines',
      { tags, params: idParams, response: { 200: documentDetail } },
      ['not_found'],
    ),
    ({ params, scope }) => viewDocument(db, params.id, scope),
  )
}

function writeRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/stock-documents',
    route('inventory.write', 'Write a draft', { tags, body: newDocument, response: { 201: madeDocument } }),
    async ({ body: { kind, ...input }, actor, scope }, reply) => {
      const id = await db.transaction().execute((tx) => createDocument(tx, kind, input, { actor, scope }))
      return reply.code(201).send({ id })
    },
  )
  app.put(
    '/api/stock-documents/:id',
    route(
      'inventory.write',
      'Write a draft anew',
      { tags, params: idParams, body: draftInput, response: { 200: documentDetail } },
      ['not_found', 'conflict'],
    ),
    async ({ params: { id }, body: { version, ...input }, scope }) => {
      await db.transaction().execute((tx) => rewriteDocument(tx, { id, version }, input, scope))
      return viewDocument(db, id, scope)
    },
  )
  app.post(
    '/api/stock-documents/import',
    route('inventory.write', 'Rows of a sheet become drafts of counts, one for each warehouse', {
      tags,
      body: stockSheet,
      response: { 200: stockSheetAnswer },
    }),
    ({ body, actor, scope }) =>
      db.transaction().execute((tx) => importStock(tx, body.rows, { actor, scope })),
  )
}
