import Type from 'typebox'
import { failureLimit } from '../../core/http/failure-limit.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import { trackAccount } from '../waybills/track-account-queries.ts'
import { trackWays } from '../waybills/track-ways-contract.ts'
import { newsAddress, trackingSourceOf } from './follow-calls.ts'
import { applyNews } from './news.ts'
import { setTracking } from './track-setting.ts'

/** A parcel with 500 scans has some 150 KB, three times as much in a form. */
const bodyLimit = 524_288

const newsRoute = route(
  'public',
  'News of a parcel from a tracking source',
  {
    tags: ['fulfilment'],
    params: Type.Object({ hook: Type.String({ pattern: '^[\\w-]{22,64}$' }) }),
    body: Type.Unknown(),
    response: {
      200: Type.Object({ result: Type.Boolean(), returnCode: Type.String(), message: Type.String() }),
    },
  },
  ['forbidden', 'too_many_at_once'],
)

const taken = { result: true, returnCode: '200', message: '成功' }

/** How an account follows parcels, and the address to which its source sends news of them. */
export function trackRoutes({ simulator }: { simulator: boolean }): Routes {
  return async (app) => {
    app.post(
      '/api/waybill-accounts/:id/tracking',
      route(
        'shops.write',
        'Set how an account follows parcels that no platform follows',
        {
          tags: ['fulfilment'],
          params: idParams,
          body: Type.Object({ track: oneOf(trackWays) }, { additionalProperties: false }),
          response: nothing,
        },
        ['not_found', 'invalid_input'],
      ),
      async ({ params: { id }, body: { track }, actor, scope }, reply) => {
        const place = { ring: app.ring, publicUrl: app.config.publicUrl, simulator }
        await app.db.transaction().execute((tx) => setTracking(tx, place, { id, track }, { actor, scope }))
        return reply.code(204).send(null)
      },
    )
    await app.register(newsRoutes)
  }
}

/**
 * The address to which a source of an account sends news of parcels. It is public, has a random part of its own for each account, and
 * believes only messages that are signed with the salt of the account.
 */
const newsRoutes: Routes = async (app) => {
  const strangers = failureLimit()
  // Only this route reads forms; a page of another site could send one elsewhere.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, String(body)),
  )
  app.post(
    '/api/parcel-news/:hook',
    { ...secret(newsRoute), bodyLimit },
    async ({ params: { hook }, body, ip }) => {
      strangers.assertFew(ip)
      const account = await trackAccount(app.db, { hook })
      const source = account && trackingSourceOf(account.source)
      const form = new URLSearchParams(typeof body === 'string' ? body : '')
      const address = account && newsAddress(app, account)
      const news = source && address ? source.readNews(form, address.salt) : 'unsigned'
      if (news === 'unsigned' || !account) {
        strangers.count(ip)
        throw new AppError('forbidden', { permission: { zh: '签名不对', en: 'a valid signature' } })
      }
      if (news) await app.db.transaction().execute((tx) => applyNews(tx, account, news))
      // News of unknown parcels, and news that cannot be read, are taken too: sending them again would change nothing.
      return taken
    },
  )
}
