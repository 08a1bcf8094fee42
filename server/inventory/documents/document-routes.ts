import type { Scope } from '../../core/access/actor.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { tabCounts } from '../../core/lists/list-contract.ts'
import { capped, countCap } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import {
  documentDetail,
  documentFilter,
  documentList,
  documentListQuery,
  draftInput,
  madeDocument,
  newDocument,
  stockSheet,
  stockSheetAnswer,
} from '../contract.ts'
import { documentKinds, documentStatuses } from '../lifecycle.ts'
import { type DocumentFilter, documentCounts, documentPage } from './document-queries.ts'
import { viewDocument } from './document-view.ts'
import { createDocument, rewriteDocument } from './documents.ts'
import { importStock } from './import.ts'

type App = Parameters<Routes>[0]
const tags = ['stock documents']

export const documentRoutes: Routes = async (app) => {
  listRoutes(app)
  writeRoutes(app)
}

type Asked = {
  status?: string | undefined
  kind?: string | undefined
  warehouse?: string | undefined
  q?: string | undefined
}

function filterOf({ status, kind, warehouse, q }: Asked, scope: Scope): DocumentFilter {
  return {
    scope,
    status: chosen(status, documentStatuses, 'status'),
    kind: chosen(kind, documentKinds, 'kind'),
    warehouse: warehouse?.split(','),
    no: q?.trim().replace(/[\\%_]/g, '\\$&'),
  }
}

function chosen<Value extends string>(
  given: string | undefined,
  known: readonly Value[],
  field: string,
): Value[] | undefined {
  return given?.split(',').map((each) => {
    const found = known.find((value) => value === each)
    if (found === undefined) throw new AppError('unknown_filter', { field: `${field}=${each}` }, field)
    return found
  })
}

function listRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/stock-documents',
    route('inventory.read', 'Stock documents, newest first', {
      tags,
      querystring: documentListQuery,
      response: { 200: documentList },
    }),
    async ({ query: { after, limit = 50, ...filter }, scope }) => {
      if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after))
        throw new AppError('invalid_cursor', {}, 'after')
      const found = await documentPage(db, filterOf(filter, scope), { after, limit: limit + 1 })
      const rows = found.slice(0, limit)
      return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
    },
  )
  app.get(
    '/api/stock-documents/counts',
    route('inventory.read', 'How many, by status', {
      tags,
      querystring: documentFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await documentCounts(db, filterOf(query, scope), countCap)
      const tabs = documentStatuses.map((status) => {
        const count = counts.get(status) ?? 0
        return [status, capped(count)] as const
      })
      return { tabs: Object.fromEntries(tabs) }
    },
  )
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
