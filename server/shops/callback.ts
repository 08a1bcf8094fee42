import Type from 'typebox'
import type { Routes } from '../core/http/http.ts'
import { sendSmallPage } from '../core/http/small-page.ts'
import { AppError } from '../errors.ts'
import { type ConnectDeps, finishAuthorisation, shopOfState } from './authorise.ts'

const query = Type.Object(
  {
    code: Type.Optional(Type.String({ maxLength: 2000 })),
    state: Type.Optional(Type.String({ maxLength: 2000 })),
    error: Type.Optional(Type.String({ maxLength: 200 })),
  },
  // Platforms add parameters of their own to the address.
  { additionalProperties: true },
)

/**
 * Makes the route to which the platform sends the seller back. It is public, because the shop's owner may have no account here; the sealed
 * `state` proves that the request is permitted.
 */
export function callbackRoute(deps: ConnectDeps, redirectUri: string): Routes {
  return async (app) => {
    app.get(
      '/api/oauth/callback',
      { config: { permission: 'public' }, schema: { hide: true, querystring: query } },
      async (request, reply) => {
        const { code = '', state = '', error } = request.query
        try {
          if (error !== undefined || code === '') throw new AppError('authorisation_stale')
          const origin = { ip: request.ip, id: request.id }
          const { shopId, nick } = await finishAuthorisation(deps, {
            code,
            state,
            redirectUri,
            request: origin,
          })
          const words = { zh: `授权完成：${nick}`, en: `Authorised: ${nick}` }
          return sendSmallPage(reply.header('refresh', `2; url=/shops/${shopId}`), words, backTo(shopId))
        } catch (failure) {
          if (!(failure instanceof AppError)) throw failure
          const words = { zh: failure.text('zh'), en: failure.text('en') }
          return sendSmallPage(reply.code(failure.status), words, backTo(shopOfState(deps.ring, state)))
        }
      },
    )
  }
}

const backTo = (shopId: string | undefined) =>
  `<a href="${shopId === undefined ? '/shops' : `/shops/${shopId}`}">回到店铺 Back to the shop</a>`
