import Type from 'typebox'
import type { Connector } from '../../connectors/connector.ts'
import type { PostedKind } from '../../connectors/posted.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { AppError } from '../../errors.ts'
import { connectorOf } from '../../shops/calls.ts'
import { readShop } from '../../shops/shops.ts'
import { takeDocuments } from './door.ts'
import { documentsAnswer, documentsInput } from './door-contract.ts'

/** Two hundred documents, each with a long message of its buyer. */
const bodyLimit = 4_194_304
const errors = ['not_found', 'unsupported_by_platform'] as const

/**
 * The address to which a mall that the merchant built posts its trades and refunds, with an API key. Nothing of a request is kept for its
 * `Idempotency-Key`, because documents are of buyers, and a repetition changes nothing anyway.
 */
export function doorRoutes(connectors: readonly Connector[]): Routes {
  return async (app) => {
    const { db, ring } = app
    const take = async (
      { id, kind }: { id: string; kind: PostedKind },
      scope: Parameters<typeof readShop>[2],
      documents: readonly unknown[],
    ) => {
      const shop = await readShop(db, id, scope)
      const { name, posted } = connectorOf(connectors, shop.platform)
      if (posted?.by !== 'door')
        throw new AppError('unsupported_by_platform', {
          platform: name,
          reason: posted
            ? { zh: '它的交易用表格导入', en: 'its trades are imported from sheets' }
            : { zh: '它自己有接口', en: 'it has an interface of its own' },
        })
      return { results: await takeDocuments({ db, ring }, { shop, posted, kind }, documents) }
    }
    const response = { 200: documentsAnswer }
    const trades = Type.Object({ trades: documentsInput(connectors, 'trade') })
    app.post(
      '/api/malls/:id/trades',
      {
        ...secret(
          route(
            'trades.post',
            'Post trades of an own shop',
            { params: idParams, body: trades, response },
            errors,
          ),
        ),
        bodyLimit,
      },
      async ({ params: { id }, body, scope }) => take({ id, kind: 'trade' }, scope, list(body, 'trades')),
    )
    const refunds = Type.Object({ refunds: documentsInput(connectors, 'refund') })
    app.post(
      '/api/malls/:id/refunds',
      {
        ...secret(
          route(
            'trades.post',
            'Post refunds of an own shop',
            { params: idParams, body: refunds, response },
            errors,
          ),
        ),
        bodyLimit,
      },
      async ({ params: { id }, body, scope }) => take({ id, kind: 'refund' }, scope, list(body, 'refunds')),
    )
  }
}

/** The schema has checked that it is there. */
const list = (body: Readonly<Record<string, unknown>>, name: string): readonly unknown[] =>
  Array.isArray(body[name]) ? body[name] : []
