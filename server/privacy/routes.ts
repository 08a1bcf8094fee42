import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { noteReveal } from '../core/access/reveals.ts'
import { type Routes, route, secret } from '../core/http/http.ts'
import { AppError } from '../errors.ts'
import { buyerFound, buyerSearch, erasureInput, erasureList, erasureMade, exportInput } from './contract.ts'
import { assertWholeScope, entryOf, listErasures, requestErasure, showBuyer } from './erasures.ts'
import { buyerFile } from './export.ts'
import { findBuyer } from './find.ts'

const tags = ['privacy']
const permission = 'privacy.erase'
const errors = ['outside_scope', 'too_many_ids'] as const

const byOf = ({ actor, scope, ip, id }: FastifyRequest) => ({ actor, scope, request: { ip, id } })

/** 个人信息: the data of one buyer is found, handed out and erased (PIPL 45, 47). */
export const privacyRoutes: Routes = async (app) => {
  const { db, ring, config } = app
  app.post(
    '/api/privacy/find',
    secret(
      route(
        permission,
        'The documents of a buyer, counted, and those that prevent the erasure; leaves an audit row',
        { tags, body: buyerSearch, response: { 200: buyerFound } },
        errors,
      ),
    ),
    async (request) => showBuyer(db, ring, request.body, byOf(request)),
  )
  app.post(
    '/api/privacy/export',
    secret(
      route(
        permission,
        'The documents of a buyer in clear, as a JSON file; leaves an audit row',
        { tags, body: exportInput },
        [...errors, 'not_found', 'too_many_reveals', 'reason_needed'],
      ),
    ),
    async (request, reply) => {
      const by = byOf(request)
      assertWholeScope(by)
      const { reason, ...search } = request.body
      const found = await findBuyer(db, ring, search)
      if (found.length === 0)
        throw new AppError('not_found', { what: { zh: '这位买家的单据', en: 'A document of this buyer' } })
      const detail = { trades: found.length }
      await noteReveal(db, config.reveals, { ...entryOf(by, 'privacy.export', ''), detail }, reason)
      return reply
        .headers({
          'content-type': 'application/json; charset=utf-8',
          'content-disposition': `attachment; filename="buyer.json"; filename*=UTF-8''${encodeURIComponent('买家个人信息')}.json`,
        })
        .send(Readable.from(buyerFile(db, ring, found, search.q), { objectMode: false }))
    },
  )
  app.post(
    '/api/privacy/erasures',
    secret(
      route(
        permission,
        'Erase the personal data of a buyer; the accounts stay. Cannot be undone',
        { tags, body: erasureInput, response: { 202: erasureMade } },
        [...errors, 'not_found', 'conflict', 'buyer_open', 'already_erased'],
      ),
    ),
    async (request, reply) => {
      const made = await db
        .transaction()
        .execute((tx) => requestErasure(tx, ring, request.body, byOf(request)))
      return reply.code(202).send(made)
    },
  )
  app.get(
    '/api/privacy/erasures',
    route(permission, 'The latest erasures, with how far each is', { tags, response: { 200: erasureList } }, [
      'outside_scope',
    ]),
    async (request) => {
      assertWholeScope(request)
      return { rows: await listErasures(db) }
    },
  )
}
